"""What the editor of rules offers: fields, what may be asked of each, actions and events, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.events import names
from helpdesk.people.models import Skill, Team, User
from tickets.models import Calendar, Macro, Mailbox, Queue
from tickets.models.message import Message
from tickets.models.ticket import Channel, Kind, Priority, Status
from tickets.rules import content as contents
from tickets.rules import fields

_LANGUAGES = (("en", "English"), ("fr", "français"))
_STANDINGS = ("new", "known", "regular", "vip")


def tell() -> dict[str, Any]:
    """`GET rules/fields/`."""
    queues = [(queue.slug, queue.label) for queue in Queue.objects.filter(is_active=True)]
    people = [(user.pk, user.name) for user in User.objects.filter(is_active=True).order_by("name")]
    calendars = [{"slug": calendar.slug, "name": calendar.name} for calendar in Calendar.objects.all()]
    return {
        "fields": [_field(name, label, choices) for name, label, choices in _fields(queues, people)],
        "actions": _actions(queues, people),
        "events": [{"name": name, "label": label} for name, label in _events()],
        "calendars": calendars,
    }


def _field(name: str, label: str, choices: Iterable[tuple[Any, Any]] | None) -> dict[str, Any]:
    kind = fields.type_of(name) or "code"
    words = _ops(kind)
    return {
        "name": name,
        "label": label,
        "type": kind,
        "ops": [{"name": op, "label": words[op]} for op in fields.OPS[kind]],
        "choices": _choices(choices),
        "current": name not in fields.ALWAYS_CURRENT,
    }


def _choices(choices: Iterable[tuple[Any, Any]] | None) -> list[dict[str, Any]] | None:
    return None if choices is None else [{"value": value, "label": str(label)} for value, label in choices]


def _fields(queues: list[Any], people: list[Any]) -> list[tuple[str, str, Any]]:
    mailboxes = [(address, address) for address in Mailbox.objects.values_list("address", flat=True)]
    return [
        ("text", _("Subject or text"), None),
        ("subject", _("Subject"), None),
        ("body", _("Newest text"), None),
        ("attachments", _("Names of attachments"), None),
        ("sender", _("Sender"), None),
        ("domain", _("Sender's domain"), None),
        ("channel", _("Channel"), Channel.choices),
        ("mailbox", _("Mailbox"), mailboxes),
        ("form", _("Form"), None),
        ("language", _("Language"), _LANGUAGES),
        ("kind", _("Kind"), Kind.choices),
        ("priority", _("Priority"), Priority.choices),
        ("tags", _("Tags"), None),
        ("customer.standing", _("Customer's standing"), [(each, _standing(each)) for each in _STANDINGS]),
        ("customer.name", _("Customer's name"), None),
        ("customer.email", _("Customer's address"), None),
        ("organization.name", _("Organisation"), None),
        ("hours", _("Opening hours"), [("inside", _("inside")), ("outside", _("outside"))]),
        ("since_created", _("Minutes since it came in"), None),
        ("since_message", _("Minutes since the last message"), None),
        ("waiting", _("Minutes the customer has waited"), None),
        ("spam", _("Spam score (0 to 100)"), None),
        ("status", _("Status"), Status.choices),
        ("queue", _("Queue"), queues),
        ("assignee", _("Assigned to"), people),
        ("author", _("Author of the message"), _authors()),
        ("trust", _("Sender check"), Message.Trust.choices),
        ("machine", _("Automatic mail"), None),
    ]


def _standing(code: str) -> str:
    return {"new": _("new"), "known": _("known"), "regular": _("regular"), "vip": _("VIP")}[code]


def _authors() -> list[tuple[str, str]]:
    return [("customer", _("customer")), ("agent", _("agent")), ("system", _("the system"))]


def _ops(kind: str) -> dict[str, str]:
    if kind == "text":
        return {
            "words": _("has any of"),
            "all_words": _("has all of"),
            "no_words": _("has none of"),
            "regex": _("matches the expression"),
        }
    if kind == "tags":
        return {"any": _("has any of"), "all": _("has all of"), "none": _("has none of")}
    return {
        "is": _("is"),
        "in": _("is one of"),
        "is_not": _("is not"),
        "not_in": _("is none of"),
        "like": _("is like"),
        "is_set": _("is known"),
        "is_not_set": _("is not known"),
        "at_least": _("is at least"),
        "at_most": _("is at most"),
    }


def _actions(queues: list[Any], people: list[Any]) -> list[dict[str, Any]]:
    skills = [(skill.slug, skill.label) for skill in Skill.objects.all()]
    macros = [(macro.pk, macro.name) for macro in Macro.objects.all()]
    teams = [(team.slug, team.name) for team in Team.objects.all()]
    rows: list[tuple[str, str, str, Any]] = [
        ("queue", _("Put into the queue"), "queue", queues),
        ("priority", _("Set the priority"), "priority", Priority.choices),
        ("kind", _("Set the kind"), "kind", Kind.choices),
        ("tags", _("Add tags"), "tags", None),
        ("assignee", _("Assign to"), "user", people),
        ("skills", _("Ask for skills"), "skills", skills),
        ("macro", _("Apply a macro"), "macro", macros),
        ("acknowledge", _("Send a receipt"), "flag", [(True, _("yes")), (False, _("no"))]),
        ("notify", _("Tell colleagues"), "notify", teams),
        ("hold", _("Hold for review"), "flag", [(True, _("yes"))]),
        ("status", _("Mark as spam"), "flag", [("spam", _("yes"))]),
    ]
    return [
        {"name": name, "label": label, "type": kind, "choices": _choices(choices)}
        for name, label, kind, choices in rows
    ]


def _events() -> list[tuple[str, str]]:
    labels = {
        names.MESSAGE_POSTED: _("Somebody wrote"),
        names.TICKET_ROUTED: _("It went to another queue"),
        names.TICKET_ASSIGNED: _("Its agent changed"),
        names.TICKET_CHANGED: _("Priority, kind, tags or subject changed"),
        names.TICKET_STATUS: _("Its status changed"),
        names.TICKET_SOLVED: _("It was resolved"),
        names.TICKET_REOPENED: _("It was reopened"),
        names.TICKET_CLOSED: _("It was closed"),
    }
    return [(name, labels[name]) for name in contents.EVENTS]
