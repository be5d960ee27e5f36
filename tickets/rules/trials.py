"""Saved tests: a message and where it must go. They run on every edit of a draft and before it is published."""

import time
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock, errors, text
from helpdesk.people.models import User
from tickets import rehearsal
from tickets.models import RuleTest
from tickets.models.ticket import Channel, Kind, Priority
from tickets.rehearsal import Typed
from tickets.rules.compiled import Compiled

EXPECTED = ("queue", "priority", "kind", "tags", "rule", "hold", "assignee")
_WORDS = ("subject", "body", "from", "channel", "mailbox")


def run(rules: Compiled) -> dict[str, Any]:
    """Try every active test: {"number", "passed", "failed", "ms", "results"}."""
    began = time.perf_counter()
    results = [_run_one(test, rules) for test in RuleTest.objects.filter(is_active=True)]
    failed = sum(not result["passed"] for result in results)
    return {
        "number": rules.number,
        "passed": len(results) - failed,
        "failed": failed,
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "results": results,
    }


def _run_one(test: RuleTest, rules: Compiled) -> dict[str, Any]:
    outcome = rehearsal.outcome(typed(test.message), rules)
    differences = [
        {"field": name, "expected": wanted, "actual": outcome[name]}
        for name, wanted in test.expect.items()
        if not _is_met(name, wanted, outcome[name])
    ]
    return {
        "id": test.pk,
        "name": test.name,
        "passed": not differences,
        "differences": differences,
        "rule": outcome["rule"],
    }


def _is_met(name: str, wanted: Any, actual: Any) -> bool:
    if name == "tags":
        return {text.fold(tag) for tag in wanted} <= {text.fold(tag) for tag in actual}
    return bool(wanted == actual)


def typed(message: dict[str, Any]) -> Typed:
    """A stored or posted message as rehearsal takes it."""
    return Typed(
        subject=message.get("subject", ""),
        body=message.get("body", ""),
        sender=message.get("from", ""),
        channel=message.get("channel") or "email",
        mailbox=message.get("mailbox", ""),
        attachments=tuple(message.get("attachments") or ()),
        at=_moment(message.get("at")),
    )


def message_of(given: Typed) -> dict[str, Any]:
    """What is stored of a message."""
    return {
        "subject": given.subject,
        "body": given.body,
        "from": given.sender,
        "channel": given.channel,
        "mailbox": given.mailbox,
        "attachments": list(given.attachments),
        "at": given.at.isoformat() if given.at else None,
    }


def _moment(value: Any) -> datetime | None:
    return parse_datetime(value) if isinstance(value, str) and value else value or None


@transaction.atomic
def create(*, by: User, name: str, message: dict[str, Any], expect: dict[str, Any], active: bool = True) -> RuleTest:
    """A new saved test. Raises Invalid for a message or an expectation that is none."""
    return RuleTest.objects.create(
        name=_name(name),
        message=_message(message),
        expect=_expect(expect),
        is_active=active,
        author=by,
        created_at=clock.now(),
    )


@transaction.atomic
def update(test: RuleTest, **given: Any) -> RuleTest:
    """Change a saved test; what is not named stays."""
    if "name" in given:
        test.name = _name(given["name"])
    if "message" in given:
        test.message = _message(given["message"])
    if "expect" in given:
        test.expect = _expect(given["expect"])
    test.is_active = given.get("active", test.is_active)
    test.save(update_fields=["name", "message", "expect", "is_active"])
    return test


def _name(name: str) -> str:
    line = text.one_line(name, 120)
    if not line:
        raise errors.Invalid(fields={"name": [_("A test needs a name.")]})
    return line


def _message(message: Any) -> dict[str, Any]:
    if not isinstance(message, dict) or not all(isinstance(message.get(name, ""), str) for name in _WORDS):
        raise errors.Invalid(fields={"message": [_("A message has a subject and a body.")]})
    files, moment = message.get("attachments") or [], message.get("at") or None
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files) or len(files) > 50:
        raise errors.Invalid(fields={"message": [_("Attachments are a list of names.")]})
    if message.get("channel") and message["channel"] not in Channel.values:
        raise errors.Invalid(fields={"message": [_("Unknown value.")]})
    if moment is not None and (not isinstance(moment, str) or parse_datetime(moment) is None):
        raise errors.Invalid(fields={"message": [_("This moment cannot be read.")]})
    if not (message.get("subject", "").strip() or message.get("body", "").strip()):
        raise errors.Invalid(fields={"message": [_("Write something first.")]})
    return message_of(typed({**message, "body": message.get("body", "")[:100_000]}))


def _expect(expect: Any) -> dict[str, Any]:
    if not isinstance(expect, dict) or not expect or set(expect) - set(EXPECTED):
        raise errors.Invalid(fields={"expect": [_("Say what must come out: queue, priority, kind, tags, rule.")]})
    checks = {
        "priority": lambda value: value in Priority.values and not isinstance(value, bool),
        "kind": lambda value: value is None or value in Kind.values,
        "tags": lambda value: isinstance(value, list) and all(isinstance(tag, str) for tag in value),
        "hold": lambda value: isinstance(value, bool),
        "assignee": lambda value: value is None or isinstance(value, int),
        "rule": lambda value: value is None or isinstance(value, str),
        "queue": lambda value: isinstance(value, str),
    }
    for name, value in expect.items():
        if not checks[name](value):
            raise errors.Invalid(fields={"expect": [_("This value cannot be used for “%(name)s”.") % {"name": name}]})
    return expect
