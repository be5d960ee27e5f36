"""Who works here: somebody leaves, and whoever depends on him is told."""

from django.db import transaction

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.people import presence
from helpdesk.people.models import User


@transaction.atomic
def deactivate(user: User, *, by: User) -> None:
    """He signs in no more and gets no more work. What he wrote stays his. Doing it twice is a no-op."""
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        user.is_active = False
        left(user, by=by)


@transaction.atomic
def left(user: User, *, by: User) -> None:
    """Tell that a user was deactivated just now."""
    presence.leave(user.pk)
    record(names.AGENT_DEACTIVATED, user, by=by.actor)
