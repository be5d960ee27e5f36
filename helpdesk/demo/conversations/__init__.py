"""Six weeks of the demo's conversations: one text file for each queue and language.

A file holds blocks; each begins with `=== key`, then `name: value` lines, then the words:

    === parcel-at-the-neighbours
    customer: priya-raman            (or `priya-raman <another@address.example>`)
    channel: email
    ago: 9d 4h
    kind: assistance
    subject: Where is it?
    ends: solved +20m
    survey: 5 Found it, thank you!

    The opening words.

    > alice +25m                     an agent answers, 25 minutes later
    > alice note +1m                 an internal note
    > customer +2h via email         the customer again, on another channel

`logged` names the agent who wrote a call or a letter down, `mailbox` the address written
to, `agent` who has the ticket when it is not the one who spoke last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

from helpdesk.demo import company, customers
from helpdesk.demo.shapes import Channel, Conversation, Ending, Kind, Language, Survey, Turn

FOLDER = Path(__file__).parent
UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
TURN = re.compile(r"^> (?P<who>[a-z]+)(?P<note> note)? \+(?P<after>[\dwdhms ]+?)(?: via (?P<channel>[a-z]+))?$")


def load() -> tuple[Conversation, ...]:
    """Every conversation, the oldest first."""
    told = [each for path in sorted(FOLDER.glob("*.txt")) for each in read(path)]
    return tuple(sorted(told, key=lambda each: each.ago, reverse=True))


def read(path: Path) -> Iterator[Conversation]:
    queue, language = path.stem.split(".")
    for block in path.read_text(encoding="utf-8").split("=== ")[1:]:
        yield parse(block, queue=queue, language=cast(Language, language))


def parse(block: str, *, queue: str, language: Language) -> Conversation:
    head, words = block.split("\n\n", 1)
    key, *lines = head.splitlines()
    facts = dict(line.split(": ", 1) for line in lines)
    channel = cast(Channel, facts["channel"])
    opening, turns = parse_words(words, channel)
    customer, sender = parse_customer(facts["customer"])
    ends, _, ends_after = facts["ends"].partition(" +")
    spoke = [turn.agent for turn in turns if turn.agent]
    return Conversation(
        key=key,
        language=language,
        queue=queue,
        customer=customer,
        sender=sender,
        channel=channel,
        mailbox=f"{facts.get('mailbox', 'support')}@{company.DOMAIN}" if channel == "email" else None,
        ago=parse_span(facts["ago"]),
        kind=cast("Kind | None", facts.get("kind")),
        subject=facts["subject"],
        opening=opening,
        turns=turns,
        ends=cast(Ending, ends),
        ends_after=parse_span(ends_after),
        agent=facts.get("agent", spoke[-1] if spoke else None),
        logged_by=facts.get("logged"),
        survey=parse_survey(facts.get("survey")),
        tags=tuple(facts["tags"].split(", ")) if "tags" in facts else (),
    )


def parse_words(words: str, channel: Channel) -> tuple[str, tuple[Turn, ...]]:
    spoken: list[tuple[re.Match[str] | None, list[str]]] = [(None, [])]
    for line in words.splitlines():
        if found := TURN.match(line):
            spoken.append((found, []))
        else:
            spoken[-1][1].append(line)
    (_, opening), *rest = spoken
    turns = tuple(parse_turn(found, lines, channel) for found, lines in rest if found)
    return "\n".join(opening).strip(), turns


def parse_turn(found: re.Match[str], lines: list[str], channel: Channel) -> Turn:
    # What began as a chat or a text message goes on as one; the rest goes on by e-mail.
    usual = channel if channel in ("chat", "sms") else "email"
    by_customer = found["who"] == "customer"
    return Turn(
        kind="customer" if by_customer else "note" if found["note"] else "reply",
        agent=None if by_customer else found["who"],
        body="\n".join(lines).strip(),
        after=parse_span(found["after"]),
        channel=cast(Channel, found["channel"] or usual),
    )


def parse_customer(text: str) -> tuple[str, str]:
    key, _, address = text.partition(" <")
    first = next(each.emails[0] for each in customers.CUSTOMERS if each.key == key)
    return key, address.rstrip(">") or first


def parse_survey(text: str | None) -> Survey | None:
    if text is None:
        return None
    score, _, comment = text.partition(" ")
    return Survey(int(score), comment)


def parse_span(text: str) -> timedelta:
    """`2d 3h 20m` as a span of time."""
    return timedelta(**{UNITS[part[-1]]: int(part[:-1]) for part in text.split()})
