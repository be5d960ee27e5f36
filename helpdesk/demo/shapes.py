"""The shapes of the demo's data; plain, frozen, without a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple

Language = Literal["en", "fr"]
Role = Literal["reader", "agent", "supervisor", "admin"]
Kind = Literal["information", "complaint", "assistance"]
Channel = Literal["web", "email", "api", "phone", "chat", "letter", "sms", "shop"]
Audience = Literal["public", "agents"]
Ending = Literal["new", "open", "pending", "hold", "solved", "closed", "spam"]
TurnKind = Literal["customer", "reply", "note"]
Json = dict[str, object]


class Bilingual(NamedTuple):
    """The same words in both languages of the house."""

    en: str
    fr: str


@dataclass(frozen=True)
class Team:
    slug: str
    name: Bilingual


@dataclass(frozen=True)
class Queue:
    slug: str
    name: Bilingual
    team: str
    strategy: str = "manual"
    match_language: bool = False
    skills: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skill:
    slug: str
    name: Bilingual
    kind: Literal["language", "topic"] = "topic"


@dataclass(frozen=True)
class Staff:
    key: str
    name: str
    email: str
    role: Role
    teams: tuple[str, ...]
    locale: Language
    languages: tuple[Language, ...] = ("en", "fr")
    chat_capacity: int = 3
    skills: tuple[str, ...] = ()
    ticket_capacity: int | None = None
    timezone: str = ""
    # (weekday, starts, ends); none: always on shift, so that the demo is not dead at night
    shifts: tuple[tuple[int, str, str], ...] = ()
    # Days from now, first and last, and the reason
    absence: tuple[int, int, str] | None = None


@dataclass(frozen=True)
class Mailbox:
    address: str
    name: Bilingual
    queue: str


@dataclass(frozen=True)
class Site:
    key: str
    name: str
    queue: str
    greeting: Bilingual


@dataclass(frozen=True)
class Category:
    slug: str
    name: Bilingual


@dataclass(frozen=True)
class Organization:
    key: str
    name: str
    domain: str


@dataclass(frozen=True)
class Customer:
    key: str
    name: str
    emails: tuple[str, ...]
    locale: Language
    phones: tuple[str, ...] = ()
    organization: str | None = None
    note: str = ""


@dataclass(frozen=True)
class Rule:
    """What the rules API takes; `stops` ends the search, `more` holds trigger, shadow and the like."""

    name: Bilingual
    conditions: Json
    actions: Json
    stops: bool = True
    more: Json = field(default_factory=dict)


@dataclass(frozen=True)
class RuleTest:
    """A saved test of the rules: a message, and what must come out."""

    name: Bilingual
    message: Json
    expect: Json


@dataclass(frozen=True)
class Macro:
    """One click: words with placeholders, and what else the click does."""

    key: str
    name: Bilingual
    body: Bilingual
    actions: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Article:
    slug: str
    language: Language
    title: str
    category: str
    audience: Audience
    summary: str
    body: str


@dataclass(frozen=True)
class Turn:
    """One utterance, `after` the one before it."""

    kind: TurnKind
    agent: str | None
    body: str
    after: timedelta
    channel: Channel


@dataclass(frozen=True)
class Survey:
    """An answered survey; one that was sent and left alone has none."""

    score: int
    comment: str = ""


@dataclass(frozen=True)
class Conversation:
    """A request from first word to last, told in times relative to now.

    `queue` is where the rules send it and `kind` what the customer wants; `logged_by`
    is the agent who wrote it down when the customer spoke or wrote on paper, and
    `agent` who has it at the end. `ends_after` counts from the last turn.
    """

    key: str
    language: Language
    queue: str
    customer: str
    sender: str
    channel: Channel
    mailbox: str | None
    ago: timedelta
    kind: Kind | None
    subject: str
    opening: str
    turns: tuple[Turn, ...]
    ends: Ending
    ends_after: timedelta
    agent: str | None
    logged_by: str | None
    survey: Survey | None
    tags: tuple[str, ...]
