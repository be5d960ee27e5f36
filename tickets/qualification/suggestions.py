"""“Looks like …”: what the desk's own solved tickets say of a new one. A job after `ticket.opened`, so no request waits."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.lib import clock, errors
from helpdesk.lib.actor import SYSTEM
from helpdesk.people.models import User
from tickets import access, lifecycle, macros
from tickets.models import MacroUse, Message, Queue, Suggestion, Ticket
from tickets.models.ticket import UNFINISHED
from tickets.qualification import policy, sensitive
from tickets.qualification.policy import InForce
from tickets.qualification.provenance import Source
from tickets.qualification.weights import Guess

FIELDS = ("queue", "kind", "macro")
# Below this a guess helps nobody.
LEAST = 0.3


def suggest(event_id: int) -> None:
    """Job after `ticket.opened`: keep what the ticket looks like; fill it in where the administrator lets it."""
    event = Event.objects.get(pk=event_id)
    ticket = Ticket.objects.filter(pk=event.subject_id).select_related("queue").first()
    if ticket is None or ticket.status not in UNFINISHED:
        return
    models = {field: model for field in FIELDS if (model := policy.in_force(field, ticket.language))}
    if not models:
        return
    source = text_of(ticket)
    found = {field: guess for field, model in models.items() if (guess := _guess(ticket, field, model, source))}
    if found:
        _keep(ticket, models, found, source, cause=event.pk)


def text_of(ticket: Ticket) -> str:
    """What is judged and learned: the subject and the first message."""
    body = ticket.messages.filter(seq=1).values_list("body", flat=True).first() or ""
    return f"{ticket.subject}\n{body}"


def _guess(ticket: Ticket, field: str, model: InForce, source: str) -> Guess | None:
    """The best guess, unless it says nothing new or is too weak."""
    best = model.linear.rank(source)[0]
    now = ticket.queue.slug if field == "queue" else getattr(ticket, field, None)
    return best if best.confidence >= LEAST and best.label != now else None


@transaction.atomic
def _keep(ticket: Ticket, models: dict[str, InForce], found: dict[str, Guess], source: str, *, cause: int) -> None:
    """One row per field: the job may run twice, and what somebody has decided stays decided."""
    row, shown = access.locked(ticket.pk), sensitive.without_secrets(source)
    for field, guess in found.items():
        model = models[field]
        values = {
            "value": guess.label,
            "confidence": round(guess.confidence, 3),
            "words": model.linear.telling(shown, guess.label),
            "model_id": model.pk,
            "created_at": clock.now(),
        }
        suggestion, is_new = Suggestion.objects.get_or_create(ticket=row, field=field, defaults=values)
        if is_new:
            _fill(row, suggestion, cause)
    # Open screens read the ticket again.
    record(names.TICKET_SUGGESTED, row, by=SYSTEM, data={"fields": sorted(found)}, cause=cause)


def _fill(ticket: Ticket, suggestion: Suggestion, cause: int) -> None:
    """Where the administrator allows it: what an agent, rule or customer has said is left alone all the same."""
    limit = getattr(policy.settings(), f"fill_{suggestion.field}", None)
    value = _value(suggestion)
    if limit is None or suggestion.confidence < limit or value is None:
        return
    source = Source("model", origin=suggestion.model_id, words=suggestion.words, confidence=suggestion.confidence)
    applied = lifecycle.apply(ticket, {suggestion.field: value}, source=source, cause=cause)
    if applied.done:
        suggestion.state = Suggestion.State.FILLED
        suggestion.save(update_fields=["state"])


def _value(suggestion: Suggestion) -> Any:
    """The thing suggested, as long as it is still there. A macro is shown to the agent, never applied."""
    if suggestion.field == "queue":
        return Queue.objects.filter(slug=suggestion.value, is_active=True).first()
    return suggestion.value if suggestion.field == "kind" else None


@transaction.atomic
def decide(ticket: Ticket, suggestion_id: int, *, accept: bool, by: User) -> Suggestion:
    """An agent takes a suggestion or sends it away. Raises NotFound, or Conflict once it was decided."""
    row = access.locked(ticket.pk)
    suggestion = Suggestion.objects.filter(ticket=row, pk=suggestion_id).first()
    if suggestion is None:
        raise errors.NotFound()
    if suggestion.state not in (Suggestion.State.OPEN, Suggestion.State.FILLED):
        raise errors.Conflict(_("This suggestion was already decided."), code="decided")
    suggestion.state = Suggestion.State.ACCEPTED if accept else Suggestion.State.REJECTED
    suggestion.user = by
    suggestion.save(update_fields=["state", "user"])
    value = _value(suggestion) if accept else None
    if value is not None:
        source = Source("agent", by.actor, words=suggestion.words)
        lifecycle.apply(row, {suggestion.field: value}, source=source)
    return suggestion


def note_macro(message: Message, macro_id: int, *, by: User) -> None:
    """Remember which macro a reply was made from; one that the user may not use, or that is gone, is not noted."""
    macro = macros.usable_by(by).filter(pk=macro_id).first()
    if macro is not None and message.is_public:
        MacroUse.objects.get_or_create(message=message, defaults={"macro": macro})
