"""The way out of one mailbox: its own server, else that of the settings, else files in var/outbox."""

from django.core.mail.backends.base import BaseEmailBackend

from helpdesk.lib import sealed, smtp
from tickets.models import Mailbox


def of(mailbox: Mailbox | None, *, strict: bool = False) -> BaseEmailBackend | None:
    """A connection to the mailbox's own server, not yet open; None for the installation's."""
    if mailbox is None or not mailbox.smtp_host:
        return None
    return smtp.HostBackend(
        host=mailbox.smtp_host,
        port=mailbox.smtp_port,
        security=mailbox.smtp_security,
        user=mailbox.smtp_user,
        password=sealed.unseal(mailbox.smtp_secret),
        strict=strict,
    )
