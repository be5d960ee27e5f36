"""What rules point to: a queue, a person, a macro. Looked up whenever rules are shown, so that it is flagged whichever
side changes."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from helpdesk.lib import text
from helpdesk.people.models import Skill, Team, User
from tickets.models import Calendar, Macro, Mailbox, Queue


@dataclass(frozen=True, slots=True)
class Known:
    """What there is, by kind: name or id → whether it is in use."""

    queues: Mapping[str, bool]
    users: Mapping[int, bool]
    macros: frozenset[int]
    teams: frozenset[str]
    skills: frozenset[str]
    calendars: frozenset[str]
    mailboxes: Mapping[str, bool]


def known() -> Known:
    """Everything that rules may point to, in seven small queries."""
    return Known(
        queues=dict(Queue.objects.values_list("slug", "is_active")),
        users=dict(User.objects.values_list("id", "is_active")),
        macros=frozenset(Macro.objects.values_list("id", flat=True)),
        teams=frozenset(Team.objects.values_list("slug", flat=True)),
        skills=frozenset(Skill.objects.values_list("slug", flat=True)),
        calendars=frozenset(Calendar.objects.values_list("slug", flat=True)),
        mailboxes={
            text.fold(address): is_active for address, is_active in Mailbox.objects.values_list("address", "is_active")
        },
    )


def problems(content: Mapping[str, Any], there: Known) -> list[dict[str, Any]]:
    """What a rule points to that is not there or switched off: [{"code", "where", "value", "detail"}]."""
    return [*_of_actions(content["actions"], there), *_of_conditions(content["conditions"], there, "conditions")]


def _of_actions(actions: Mapping[str, Any], there: Known) -> Iterator[dict[str, Any]]:
    notice = actions.get("notify") or {}
    yield from _missing("queue", [actions["queue"]] if "queue" in actions else [], there.queues, "actions.queue")
    users = [actions["assignee"]] if "assignee" in actions else []
    yield from _missing("user", users, there.users, "actions.assignee")
    yield from _missing("macro", [actions["macro"]] if "macro" in actions else [], there.macros, "actions.macro")
    yield from _missing("skill", actions.get("skills", []), there.skills, "actions.skills")
    yield from _missing("user", notice.get("users", []), there.users, "actions.notify")
    yield from _missing("team", notice.get("teams", []), there.teams, "actions.notify")


def _of_conditions(tree: Mapping[str, Any], there: Known, path: str) -> Iterator[dict[str, Any]]:
    for group, members in tree.items():
        for number, member in enumerate(members):
            where = f"{path}.{group}.{number}"
            if "field" not in member:
                yield from _of_conditions(member, there, where)
                continue
            values = member.get("value", [])
            values = [str(item) for item in (values if isinstance(values, list) else [values])]
            if member["field"] == "queue":
                yield from _missing("queue", values, there.queues, where)
            if member["field"] == "mailbox" and member["op"] != "like":
                yield from _missing("mailbox", map(text.fold, values), there.mailboxes, where)
            if member["field"] == "hours" and member.get("calendar"):
                yield from _missing("calendar", [member["calendar"]], there.calendars, where)


def _missing(kind: str, values: Iterable[Any], there: Any, where: str) -> Iterator[dict[str, Any]]:
    for value in values:
        if value not in there:
            detail = _("There is no %(kind)s “%(value)s” any more.") % {"kind": _kind(kind), "value": value}
            yield {"code": f"{kind}_unknown", "where": where, "value": value, "detail": detail}
        elif isinstance(there, Mapping) and not there[value]:
            detail = _("The %(kind)s “%(value)s” is switched off.") % {"kind": _kind(kind), "value": value}
            yield {"code": f"{kind}_disabled", "where": where, "value": value, "detail": detail}


def _kind(kind: str) -> str:
    return {
        "queue": _("queue"),
        "user": _("person"),
        "macro": _("macro"),
        "skill": _("skill"),
        "team": _("team"),
        "calendar": _("calendar"),
        "mailbox": _("mailbox"),
    }[kind]
