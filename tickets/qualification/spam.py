"""Spam: signs that anybody would see, and what the desk's own marks have taught. Held, visible, one click back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from helpdesk.lib import clock
from helpdesk.lib.actor import Actor
from tickets.models import SpamMark, Ticket
from tickets.models.ticket import Channel, Status
from tickets.qualification import policy, sensitive, spam_signs
from tickets.qualification.provenance import Kind, Source
from tickets.qualification.spam_signs import Sign
from tickets.qualification.weights import Linear

# Live talk is never held, nor what staff or programs put in.
_HELD_CHANNELS = (Channel.EMAIL, Channel.WEB)
# Below this nobody need know why
_WORTH_TELLING = 0.3


@dataclass(frozen=True, slots=True)
class Verdict:
    """`score` from 0 to 1, the signs and words that weighed, and whether learned marks or only signs decided."""

    score: float
    signs: list[dict[str, Any]]
    words: list[dict[str, Any]]
    source: Source


def judge(subject: str, body: str, *, html: str = "", trust: str = "") -> Verdict:
    """How much a message looks like spam. Nothing is written; without marks only the signs count."""
    signs = spam_signs.find(subject, body, html=html, trust=trust)
    learned = policy.in_force("spam", "")
    if learned is None:
        return Verdict(
            round(spam_signs.score(signs), 3), _told(signs), _words(signs, subject, body), Source(Kind.GUESS)
        )
    source = f"{subject}\n{body}"
    extra = extra_words(signs)
    score = next(guess.confidence for guess in learned.linear.rank(source, extra) if guess.label == "spam")
    telling = _telling(learned.linear, source, extra) if score >= _WORTH_TELLING else []
    return Verdict(round(score, 3), _told(signs), telling, Source(Kind.MODEL, origin=learned.pk))


def _telling(model: Linear, source: str, extra: list[str]) -> list[dict[str, Any]]:
    return model.telling(sensitive.without_secrets(source), "spam", extra=extra)


def extra_words(signs: Sequence[Sign]) -> list[str]:
    """The signs as words for the model: it learns what each is worth here."""
    return [f"sign {sign.code}" for sign in signs]


def should_hold(verdict: Verdict, *, channel: str, by: Actor | None, is_trusted: bool) -> bool:
    """Whether a new ticket is held: above the limit, by mail or form, and from nobody whom this desk has answered."""
    if verdict.score < 0.5 or is_trusted or channel not in _HELD_CHANNELS or (by is not None and by.kind == "user"):
        return False
    settings = policy.settings()
    return settings.hold_spam and verdict.score >= settings.spam_limit


def said(verdict: Verdict) -> tuple[dict[str, Any], Source]:
    """The verdict as a field of the ticket's account."""
    value = {"score": verdict.score, "signs": verdict.signs}
    source = Source(verdict.source.kind, origin=verdict.source.origin, words=verdict.words, confidence=verdict.score)
    return value, source


def learn_from(ticket: Ticket, status: str, by: Actor) -> None:
    """A person who moves a ticket into spam, or out of it, has said what it is."""
    if by.kind == "user" and Status.SPAM in (ticket.status, status):
        defaults = {"is_spam": status == Status.SPAM, "user_id": by.id, "marked_at": clock.now()}
        SpamMark.objects.update_or_create(ticket=ticket, defaults=defaults)


def _told(signs: Sequence[Sign]) -> list[dict[str, Any]]:
    return [{"code": sign.code, "weight": round(sign.weight, 2)} for sign in signs]


def _words(signs: Sequence[Sign], subject: str, body: str) -> list[dict[str, Any]]:
    source = f"{subject}\n{body}"
    return [
        {"text": source[found.start : found.end], "start": found.start, "end": found.end, "weight": 1.6}
        for sign in signs
        for found in sign.words
    ][:10]
