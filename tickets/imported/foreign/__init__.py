"""Exports of other help desks in their own JSON: Zammad and Zendesk.

json_stream (bytes → records) · reading (which product, which kinds, which groups) · zammad and zendesk (a record → what it
says) · taking (records → organisations, customers, requests with all their messages).
"""
