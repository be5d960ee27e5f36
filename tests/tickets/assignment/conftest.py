"""A queue that gives its work out, and people who are there."""

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from helpdesk.jobs import outbox
from helpdesk.people import presence
from helpdesk.people.models import Skill, TeamMember, User
from tickets.models import Queue, Ticket

Staff = Callable[..., User]


@pytest.fixture(autouse=True)
def _patient_presence(settings: Settings) -> None:
    """Whoever sat down stays there however slow the machine is: what these tests are about is not the heartbeat."""
    settings.PRESENCE_SECONDS = 3600


@pytest.fixture
def staff(billing: Queue) -> Staff:
    """`staff("anna", "fr", there=True, queue=billing, ticket_capacity=3)`: a new agent, at a desk unless said otherwise."""

    def make(name: str, *skills: str, there: bool = True, queue: Queue = billing, **fields: object) -> User:
        user = User.objects.create_user(f"{name}@example.com", "x", name=name.title(), **fields)
        TeamMember.objects.create(team=queue.team, user=user)
        for slug in skills:
            kind = Skill.Kind.LANGUAGE if len(slug) == 2 else Skill.Kind.TOPIC
            skill, _made = Skill.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "kind": kind})
            skill.people.add(user)
        if there:
            at_desk(user)
        return user

    return make


@pytest.fixture
def least_busy(billing: Queue) -> Queue:
    billing.strategy = Queue.Strategy.LEAST_BUSY
    billing.save()
    return billing


def at_desk(user: User) -> None:
    presence.sit_down(user)
    presence.choose(user, "available")


def settled(ticket: Ticket) -> Ticket:
    """The ticket after all jobs that are due have run."""
    outbox.drain()
    return Ticket.objects.select_related("assignee", "queue").filter(pk=ticket.pk)[0]
