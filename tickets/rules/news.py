"""News of the rule book to the screens of those who may change it: somebody published, somebody changed the draft."""

from helpdesk.events.models import Event
from helpdesk.lib import live
from helpdesk.people.models import User
from tickets.models import RuleDraft

EDITORS = "rules"
"""The group of everybody who may change rules and has a desk open."""


def published(event: Event) -> None:
    """A list came into force; the draft it was made of is no more."""
    name = User.objects.filter(pk=event.actor_id).values_list("name", flat=True).first() if event.actor_id else ""
    by = {"id": event.actor_id, "name": name or ""}
    live.send(EDITORS, {"type": "rules.changed", "what": "published", "number": event.data["number"], "by": by})


def drafted(draft: RuleDraft | None, *, by: User) -> None:
    """The draft was saved, or discarded: then its revision is 0."""
    revision = draft.revision if draft else 0
    named = {"id": by.pk, "name": by.name}
    live.publish(EDITORS, {"type": "rules.changed", "what": "draft", "revision": revision, "by": named})
