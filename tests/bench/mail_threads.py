"""How well answers find their conversation: true replies that join, look-alikes that do not, over the whole way in."""

import django

django.setup()

from django.core import management

from helpdesk.people.models import Team, TeamMember, User
from tests.bench import figures
from tests.mail import threads
from tests.mail.measure import Share
from tickets.models import Mailbox, Queue

TALKS = 20


def main() -> None:
    management.call_command("migrate", verbosity=0)
    team = Team.objects.create(name="Support", slug="support")
    queue = Queue.objects.create(name="Support", slug="support", team=team, is_default=True)
    agent = User.objects.create_user("agent@acme.example", "a-long-secret-9", name="Alice Martin", role="agent")
    TeamMember.objects.create(team=team, user=agent)
    mailbox = Mailbox.objects.create(queue=queue, address="support@acme.example", name="Acme Support")
    found = threads.measure(mailbox, agent, TALKS)
    _tell(found.joined, 0.9)
    _tell(found.apart, 1.0)
    for kind in threads.TRUE:
        _tell(found.by_kind[kind], 0.0)


def _tell(share: Share, goal: float) -> None:
    name = f"{share.name} ({share.of})"
    words = f"≥ {goal:.0%}" if goal else "no goal of its own"
    figures.tell(figures.Figure(name, 100 * share.value, "%", 100.0, "all", words, share.value >= goal))


if __name__ == "__main__":
    main()
