"""Addresses of what is known of a ticket, and of what the desk has learned."""

from django.urls import path

from tickets.api import qualification

urlpatterns = [
    path("tickets/duplicates/", qualification.LikelyDuplicates.as_view(), name="duplicates"),
    path("tickets/<int:ticket_id>/duplicates/", qualification.TicketDuplicates.as_view(), name="ticket-duplicates"),
    path(
        "tickets/<int:ticket_id>/qualification/",
        qualification.TicketQualification.as_view(),
        name="ticket-qualification",
    ),
    path("tickets/<int:ticket_id>/spam/", qualification.TicketSpam.as_view(), name="ticket-spam"),
    path(
        "tickets/<int:ticket_id>/suggestions/<int:suggestion_id>/",
        qualification.TicketSuggestion.as_view(),
        name="ticket-suggestion",
    ),
    path(
        "tickets/<int:ticket_id>/messages/<int:seq>/reveal/",
        qualification.MessageReveal.as_view(),
        name="message-reveal",
    ),
    path("learning/", qualification.Learning.as_view(), name="learning"),
    path("learning/train/", qualification.LearningTrain.as_view(), name="learning-train"),
    path("qualification/settings/", qualification.Policy.as_view(), name="qualification-settings"),
]
