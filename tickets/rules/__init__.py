"""Keyword rules: conditions match facts and say on which words, actions change the outcome."""
