"""Addresses of what two requests have to do with each other: merging, splitting, links."""

from django.urls import path

from tickets.api import linking, merging

urlpatterns = [
    path("tickets/<int:ticket_id>/merge/", merging.TicketMerge.as_view(), name="ticket-merge"),
    path("tickets/<int:ticket_id>/merge/preview/", merging.TicketMergePreview.as_view(), name="ticket-merge-preview"),
    path("tickets/<int:ticket_id>/merge/undo/", merging.TicketMergeUndo.as_view(), name="ticket-merge-undo"),
    path("tickets/<int:ticket_id>/split/", merging.TicketSplit.as_view(), name="ticket-split"),
    path("tickets/<int:ticket_id>/links/", linking.TicketLinks.as_view(), name="ticket-links"),
    path("tickets/<int:ticket_id>/links/<int:link_id>/", linking.TicketLinkDetail.as_view(), name="ticket-link"),
]
