"""The record: tickets, their messages, and all that is done with them."""
