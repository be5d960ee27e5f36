"""Who hears what: the only page where rooms meet. `settings.ROOT_EVENTCONF` names it, as ROOT_URLCONF names the URLs."""

from typing import Final

from helpdesk.events import names
from helpdesk.events.record import Hears
from tickets import assignment, surveys
from tickets import live as tickets_live
from tickets.channels import email_out, receipts

AUDIT_ONLY: Final = Hears()

HEARS: Final[dict[str, Hears]] = {
    names.TICKET_OPENED: Hears(live=[tickets_live.ticket_changed], jobs=[assignment.push, receipts.acknowledge]),
    names.TICKET_ROUTED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_ASSIGNED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_CHANGED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_STATUS: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_SOLVED: Hears(live=[tickets_live.ticket_changed], jobs=[surveys.ask]),
    names.TICKET_REOPENED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_CLOSED: Hears(live=[tickets_live.ticket_changed]),
    names.MESSAGE_POSTED: Hears(live=[tickets_live.message_posted], jobs=[email_out.deliver]),
    names.MESSAGE_REDACTED: AUDIT_ONLY,
    names.SESSION_STARTED: AUDIT_ONLY,
    names.SESSION_ACCEPTED: AUDIT_ONLY,
    names.SESSION_ENDED: AUDIT_ONLY,
    names.SURVEY_SENT: AUDIT_ONLY,
    names.SURVEY_ANSWERED: AUDIT_ONLY,
    names.CUSTOMER_MERGED: AUDIT_ONLY,
    names.IDENTITY_PROVED: AUDIT_ONLY,
    names.RULES_CHANGED: AUDIT_ONLY,
    names.MAIL_QUARANTINED: AUDIT_ONLY,
    names.MAIL_RELEASED: AUDIT_ONLY,
    names.ARTICLE_PUBLISHED: AUDIT_ONLY,
    names.ARTICLE_ARCHIVED: AUDIT_ONLY,
}
