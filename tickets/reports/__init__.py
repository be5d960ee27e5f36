"""Figures over periods, counted straight from the records."""
