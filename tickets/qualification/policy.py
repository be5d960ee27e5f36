"""What the administrator allows the machine, and the models that are in force, each read once in a while."""

import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people.models import User
from tickets.models import Learned, QualificationSettings
from tickets.qualification import weights

# How long another process may go on with an older model
_REFRESH_S = 15.0
_STAMP = "qualification.models"


@dataclass(frozen=True, slots=True)
class InForce:
    """A model ready to be asked."""

    pk: int
    linear: weights.Linear
    report: dict[str, Any]


_loaded: dict[tuple[str, str], InForce | None] = {}
_checked: dict[tuple[str, str], float] = {}


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
    key = (task, language)
    now = time.monotonic()
    if key in _checked and now - _checked[key] < _REFRESH_S:
        return _loaded[key]
    rows = Learned.objects.filter(task=task, language=language, is_in_force=True)
    newest = rows.values_list("pk", flat=True).first()
    held = _loaded.get(key)
    if newest is None:
        _loaded[key] = None
    elif held is None or held.pk != newest:
        row = rows.filter(pk=newest).first()
        _loaded[key] = InForce(row.pk, weights.unpack(row.labels, bytes(row.weights)), row.report) if row else None
    _checked[key] = now
    return _loaded[key]


def forget() -> None:
    """Ask the database again at the next question: after training, and between tests."""
    _checked.clear()
    _loaded.clear()


def note_training(is_running: bool) -> None:
    """For screens: that a training is under way."""
    cache.set(_STAMP, is_running, 900)


def is_training() -> bool:
    return bool(cache.get(_STAMP))
