"""Addresses of mailboxes, of signatures, and of one message on its way out."""

from django.urls import path

from tickets.api import mailboxes, sending

urlpatterns = [
    path("mailboxes/", mailboxes.Mailboxes.as_view(), name="mailboxes"),
    path("mailboxes/test/", mailboxes.MailboxTest.as_view(), name="mailbox-test"),
    path("mailboxes/providers/", mailboxes.MailboxProviders.as_view(), name="mailbox-providers"),
    path("mailboxes/<int:mailbox_id>/", mailboxes.MailboxDetail.as_view(), name="mailbox"),
    path("mailboxes/<int:mailbox_id>/fetch/", mailboxes.MailboxFetch.as_view(), name="mailbox-fetch"),
    path("signatures/", mailboxes.Signatures.as_view(), name="signatures"),
    path("signatures/<slug:slug>/", mailboxes.SignatureDetail.as_view(), name="signature"),
    path("tickets/<int:ticket_id>/messages/<int:seq>/", sending.MessageDetail.as_view(), name="ticket-message"),
    path("tickets/<int:ticket_id>/messages/<int:seq>/unsend/", sending.MessageUnsend.as_view(), name="message-unsend"),
    path("tickets/<int:ticket_id>/messages/<int:seq>/retry/", sending.MessageRetry.as_view(), name="message-retry"),
]
