"""Addresses of merging and splitting."""

from django.urls import path

from tickets.api import merging

urlpatterns = [
    path("tickets/<int:ticket_id>/merge/", merging.TicketMerge.as_view(), name="ticket-merge"),
    path("tickets/<int:ticket_id>/merge/preview/", merging.TicketMergePreview.as_view(), name="ticket-merge-preview"),
    path("tickets/<int:ticket_id>/merge/undo/", merging.TicketMergeUndo.as_view(), name="ticket-merge-undo"),
    path("tickets/<int:ticket_id>/split/", merging.TicketSplit.as_view(), name="ticket-split"),
]
