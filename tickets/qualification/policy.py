"""What the administrator allows the machine, and the models that are in force, each read once in a while."""

import time
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people.models import User
from tickets.models import Learned, QualificationSettings
from tickets.qualification import weights

# How long another process may go on with an older model
_REFRESH_S = 15.0


@dataclass(frozen=True, slots=True)
class InForce:
    """A model ready to be asked."""

    pk: int
    linear: weights.Linear
    report: dict[str, Any]


# By task and language: what is in force, and when the database was asked
_loaded: dict[tuple[str, str], tuple[InForce | None, float]] = {}


def settings() -> QualificationSettings:
    """The one row, or its defaults while nobody has changed them."""
    return QualificationSettings.objects.filter(pk=1).first() or QualificationSettings(pk=1)


@transaction.atomic
def change(given: dict[str, Any], *, by: User) -> QualificationSettings:
    """Let the machine decide more, or less."""
    row, _made = QualificationSettings.objects.select_for_update().get_or_create(pk=1)
    changes = {name: [getattr(row, name), value] for name, value in given.items() if getattr(row, name) != value}
    for name, value in given.items():
        setattr(row, name, value)
    row.save()
    if changes:
        record(names.QUALIFICATION_CHANGED, row, by=by.actor, data=changes)
    return row


def in_force(task: str, language: str) -> InForce | None:
    """The model of a task, None while nothing was learned. Asked of the database at most every few seconds."""
    key, now = (task, language), time.monotonic()
    held, checked = _loaded.get(key, (None, -_REFRESH_S))
    if now - checked < _REFRESH_S:
        return held
    rows = Learned.objects.filter(task=task, language=language, is_in_force=True)
    newest = rows.values_list("pk", flat=True).first()
    if newest is None or held is None or held.pk != newest:
        # Whichever is in force now: another may have come between the two questions
        row = rows.first() if newest is not None else None
        held = InForce(row.pk, weights.unpack(row.labels, bytes(row.weights)), row.report) if row else None
    _loaded[key] = held, now
    return held


def forget() -> None:
    """Ask the database again at the next question: after training, and between tests."""
    _loaded.clear()
