"""Who hears what: the only page where rooms meet. `settings.ROOT_EVENTCONF` names it, as ROOT_URLCONF names the URLs."""

from typing import Final

from chat import claims, leaving, line, news, sessions
from chat import live as chat_live
from chat.callbacks import booking, contacts, telling
from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import Hears
from knowledge.alerts import digests
from tickets import assignment, interactions, requesters, surveys
from tickets import live as tickets_live
from tickets.channels import email_out, phone_live, receipts
from tickets.qualification import suggestions
from tickets.rules import news as rules_news
from tickets.rules import runs

AUDIT_ONLY: Final = Hears()
# Event rules: their job is written only while a rule in force waits for the event.
_RULES: Final = [(runs.listens, runs.on_event)]


def _by_staff(event: Event) -> bool:
    """Only what an agent said is mailed, or takes a waiting chat: a customer's words make no such work."""
    return event.actor_kind == "user"


def _is_awake_again(event: Event) -> bool:
    """Only the end of a snooze changes who may get a ticket; a new priority or tag does not."""
    return event.data.get("snoozed", "") is None


def _is_spam(event: Event) -> bool:
    """What turned out to be spam is called by nobody."""
    return bool(event.data.get("to") == "spam")


HEARS: Final[dict[str, Hears]] = {
    names.TICKET_OPENED: Hears(
        live=[tickets_live.ticket_changed], jobs=[assignment.push, receipts.acknowledge, suggestions.suggest]
    ),
    names.TICKET_IMPORTED: AUDIT_ONLY,
    names.TICKET_ROUTED: Hears(
        live=[tickets_live.ticket_changed],
        jobs=[line.follow_ticket, booking.follow_ticket, assignment.follow_ticket],
        when=_RULES,
    ),
    names.TICKET_ASSIGNED: Hears(live=[tickets_live.ticket_changed], jobs=[assignment.follow_ticket], when=_RULES),
    names.TICKET_SKILLS: Hears(jobs=[assignment.follow_ticket]),
    names.TICKET_OFFERED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_OFFER_ENDED: Hears(live=[tickets_live.ticket_changed], jobs=[assignment.offer_ended]),
    names.TICKET_CHANGED: Hears(
        live=[tickets_live.ticket_changed], when=[(_is_awake_again, assignment.follow_ticket), *_RULES]
    ),
    names.TICKET_STATUS: Hears(
        live=[tickets_live.ticket_changed],
        jobs=[assignment.follow_ticket],
        when=[(_is_spam, booking.end_with_ticket), *_RULES],
    ),
    names.TICKET_SOLVED: Hears(
        live=[tickets_live.ticket_changed],
        jobs=[surveys.ask, sessions.end_with_ticket, booking.end_with_ticket, assignment.follow_ticket],
        when=_RULES,
    ),
    names.TICKET_REOPENED: Hears(live=[tickets_live.ticket_changed], jobs=[assignment.follow_ticket], when=_RULES),
    names.TICKET_CLOSED: Hears(
        live=[tickets_live.ticket_changed],
        jobs=[sessions.end_with_ticket, booking.end_with_ticket, assignment.follow_ticket],
        when=_RULES,
    ),
    names.MESSAGE_POSTED: Hears(
        live=[tickets_live.message_posted],
        when=[(_by_staff, email_out.deliver), (_by_staff, sessions.follow_answer), *_RULES],
    ),
    names.MESSAGE_RESTATED: Hears(live=[tickets_live.message_changed]),
    names.MESSAGE_REDACTED: AUDIT_ONLY,
    names.SESSION_STARTED: Hears(live=[chat_live.waiting], jobs=[line.begin_offers]),
    names.SESSION_ACCEPTED: Hears(live=[chat_live.accepted, line.moved]),
    names.SESSION_ENDED: Hears(live=[chat_live.ended, line.moved], jobs=[assignment.after_chat, line.place_free]),
    names.SESSION_HANDED: Hears(live=[news.handed, line.moved], jobs=[line.handed]),
    names.SESSION_WATCHED: Hears(live=[news.watched]),
    names.SESSION_HELP: Hears(live=[news.help_wanted]),
    names.CALLBACK_ASKED: Hears(live=[telling.changed]),
    names.CALLBACK_MOVED: Hears(live=[telling.changed]),
    names.CALLBACK_TAKEN: Hears(live=[telling.changed]),
    names.CALLBACK_RELEASED: Hears(live=[telling.changed]),
    names.CALLBACK_TRIED: Hears(live=[telling.changed]),
    names.CALLBACK_ENDED: Hears(live=[telling.changed]),
    names.CALL_TOLD: Hears(live=[phone_live.changed]),
    names.CALL_LOGGED: Hears(live=[phone_live.changed]),
    names.CALL_SETTLED: Hears(live=[phone_live.changed]),
    names.PHONE_SYSTEM_CHANGED: AUDIT_ONLY,
    names.AGENT_STATUS: Hears(live=[news.agent_status], jobs=[assignment.somebody_came, line.somebody_came]),
    names.AGENT_ARRIVED: Hears(jobs=[assignment.somebody_came, line.somebody_came]),
    names.AGENT_LEFT: Hears(jobs=[line.look_whether_gone]),
    names.AGENT_DEACTIVATED: Hears(jobs=[assignment.somebody_left]),
    names.AGENT_SCHEDULE: Hears(jobs=[assignment.somebody_came, line.somebody_came]),
    names.QUEUE_CHANGED: Hears(jobs=[assignment.queue_changed]),
    names.CALENDAR_CHANGED: AUDIT_ONLY,
    names.SURVEY_SENT: AUDIT_ONLY,
    names.SURVEY_ANSWERED: AUDIT_ONLY,
    names.CUSTOMER_MERGED: Hears(
        jobs=[requesters.follow_merge, claims.follow_merge, booking.follow_merge, leaving.follow_merge]
    ),
    names.CUSTOMER_TOOK_IN: AUDIT_ONLY,
    names.CUSTOMER_GAVE_BACK: AUDIT_ONLY,
    names.CUSTOMER_UNMERGED: Hears(jobs=[claims.follow_unmerge, booking.follow_unmerge]),
    names.ORGANIZATION_SHARING: AUDIT_ONLY,
    names.CUSTOMER_SHARING: AUDIT_ONLY,
    names.TICKET_NAMED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_UNNAMED: Hears(live=[tickets_live.ticket_changed]),
    names.IDENTITY_PROVED: Hears(jobs=[claims.follow_proof, leaving.follow_proof]),
    names.IMPORT_DONE: AUDIT_ONLY,
    names.IMPORT_UNDONE: AUDIT_ONLY,
    names.EXPORT_MADE: AUDIT_ONLY,
    names.EXPORT_FETCHED: AUDIT_ONLY,
    names.RULES_CHANGED: AUDIT_ONLY,
    names.RULES_PUBLISHED: Hears(live=[rules_news.published]),
    names.RULE_STOPPED: AUDIT_ONLY,
    names.TICKET_SUGGESTED: Hears(live=[tickets_live.ticket_changed]),
    names.QUALIFICATION_CHANGED: AUDIT_ONLY,
    names.MODELS_TRAINED: AUDIT_ONLY,
    names.MESSAGE_REVEALED: AUDIT_ONLY,
    names.MESSAGE_UNSENT: Hears(live=[tickets_live.message_changed]),
    names.MAIL_FAILED: Hears(live=[tickets_live.message_changed]),
    names.MAIL_BOUNCED: Hears(live=[tickets_live.message_changed]),
    names.RECEIPT_FAILED: Hears(live=[tickets_live.ticket_changed]),
    names.MAIL_RETRIED: Hears(live=[tickets_live.message_changed]),
    names.MAILBOX_CHANGED: AUDIT_ONLY,
    names.SITE_CHANGED: Hears(jobs=[line.follow_site]),
    names.MAIL_QUARANTINED: AUDIT_ONLY,
    names.MAIL_RELEASED: AUDIT_ONLY,
    names.MAIL_TAKEN_BACK: AUDIT_ONLY,
    names.MAIL_DELETED: AUDIT_ONLY,
    names.MAIL_RESTORED: AUDIT_ONLY,
    names.SENDER_TRUSTED: AUDIT_ONLY,
    names.SENDER_UNTRUSTED: AUDIT_ONLY,
    names.TICKET_MERGED: Hears(
        live=[tickets_live.ticket_changed], jobs=[booking.follow_ticket_merge, assignment.follow_ticket]
    ),
    names.TICKET_TOOK_IN: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_UNMERGED: Hears(
        live=[tickets_live.ticket_changed], jobs=[booking.follow_ticket_unmerge, assignment.follow_ticket]
    ),
    names.TICKET_GAVE_BACK: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_SPLIT: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_LINKED: Hears(live=[tickets_live.ticket_changed]),
    names.TICKET_UNLINKED: Hears(live=[tickets_live.ticket_changed]),
    names.HINT_DISMISSED: Hears(live=[tickets_live.ticket_changed]),
    names.ARTICLE_PUBLISHED: Hears(when=[(digests.is_heard, digests.note)]),
    names.ARTICLE_SUBMITTED: AUDIT_ONLY,
    names.ARTICLE_RETURNED: AUDIT_ONLY,
    names.ARTICLE_APPROVED: AUDIT_ONLY,
    names.ARTICLE_ARCHIVED: AUDIT_ONLY,
    names.ALERTS_CONFIRMED: AUDIT_ONLY,
    names.ALERTS_CHANGED: AUDIT_ONLY,
    names.ALERTS_ENDED: AUDIT_ONLY,
    names.ALERTS_SENT: AUDIT_ONLY,
}

# What rooms above `tickets` add to the history of a customer (`tickets.timeline`)
CONTACTS: Final = [interactions.of_customer, contacts.of_customer]
