"""Customers and organisations from files, and into files.

files (bytes → rows) · mapping (which column is what) · resources (a row → a customer, by django-import-export) ·
running (in pieces, by jobs) · undoing · exporting.
"""
