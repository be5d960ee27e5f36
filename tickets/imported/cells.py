"""What a cell may say of a past request, in English and French."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from import_export.widgets import Widget

from helpdesk.lib import clock
from helpdesk.lib import text as texts
from helpdesk.people.imports.widgets import Wrong
from tickets.interaction_rows import Moment
from tickets.models.ticket import Channel, Kind, Priority, Status

MAX_TEXT = 32_767
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
STATUSES = {
    "nouveau": "new", "nouvelle": "new", "ouvert": "open", "ouverte": "open", "in progress": "open", "en cours": "open",
    "pending": "pending", "en attente": "pending", "waiting": "pending", "waiting on customer": "pending",
    "en attente du client": "pending", "on hold": "hold", "en pause": "hold", "suspendu": "hold", "resolved": "solved",
    "resolu": "solved", "resolue": "solved", "done": "solved", "termine": "solved", "ferme": "closed", "fermee": "closed",
    "clos": "closed", "close": "closed", "cloture": "closed", "indesirable": "spam",
}  # fmt: skip
PRIORITIES = {
    "low": 1, "basse": 1, "faible": 1, "normal": 2, "normale": 2, "medium": 2, "moyenne": 2, "high": 3, "haute": 3,
    "elevee": 3, "urgent": 4, "urgente": 4, "critical": 4, "critique": 4, "1": 1, "2": 2, "3": 3, "4": 4,
}  # fmt: skip
KINDS = {
    "question": "information", "info": "information", "renseignement": "information", "reclamation": "complaint",
    "plainte": "complaint", "incident": "assistance", "problem": "assistance", "probleme": "assistance",
    "aide": "assistance", "help": "assistance",
}  # fmt: skip
CHANNELS = {
    "form": "web", "formulaire": "web", "portal": "web", "portail": "web", "mail": "email", "e mail": "email",
    "courriel": "email", "telephone": "phone", "call": "phone", "appel": "phone", "voice": "phone", "lettre": "letter",
    "courrier": "letter", "texto": "sms", "telecopie": "fax", "visit": "shop", "magasin": "shop",
}  # fmt: skip


def plain(value: Any) -> str:
    """A word as it is looked up: small letters without accents and signs."""
    return re.sub(r"[^a-z0-9]+", " ", texts.fold(texts.one_line(str(value or "")))).strip()


class OneOf(Widget):
    """One of some codes, by itself or by a usual word for it."""

    def __init__(self, code: str, words: Mapping[str, Any], known: list[Any]) -> None:
        super().__init__()
        self.code, self.words, self.known = code, words, known

    def clean(self, value: Any, row: Any = None, **options: Any) -> Any:
        word = plain(value)
        if not word:
            return None
        found = self.words.get(word, word)
        if found not in self.known:
            raise Wrong(self.code, str(value))
        return found


class PastMoment(Moment):
    """A moment that has been, in a year that can be meant."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> datetime | None:
        found = super().clean(value)
        if found is None:
            return None
        try:
            moment = found.astimezone(UTC)
        except (OverflowError, ValueError) as error:
            raise Wrong("bad_date", str(value)) from error
        if not _OLDEST <= moment <= clock.now():
            raise Wrong("not_past", str(value))
        return moment


class Words(Widget):
    """Tags, with a comma or semicolon between."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> list[str] | None:
        found = [texts.one_line(piece, 51).lower() for piece in re.split(r"[;,\n]", str(value or ""))]
        long = next((piece for piece in found if len(piece) > 50), None)
        if long:
            raise Wrong("too_long", long, limit=50)
        return list(dict.fromkeys(piece for piece in found if piece)) or None


class Body(Widget):
    """A message: what a cell of a spreadsheet holds."""

    def clean(self, value: Any, row: Any = None, **options: Any) -> str | None:
        found = texts.clean(str(value or ""))
        if len(found) > MAX_TEXT:
            raise Wrong("too_long", "", limit=MAX_TEXT)
        return found or None


def status() -> OneOf:
    """Where a request stands."""
    return OneOf("bad_status", STATUSES, Status.values)


def priority() -> OneOf:
    """How urgent it is."""
    return OneOf("bad_priority", PRIORITIES, Priority.values)


def kind() -> OneOf:
    """What is asked."""
    return OneOf("bad_ticket_kind", KINDS, Kind.values)


def channel() -> OneOf:
    """How it came."""
    return OneOf("bad_channel", CHANNELS, Channel.values)
