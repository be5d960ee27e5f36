"""Requests of other help desks, written here as they were: history, by which nothing leaves and nobody is told.

writing (the pen) · cells and ticket_rows (a row of a table is a ticket) · exporting · undoing.
"""
