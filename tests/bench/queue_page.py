"""A queue's first page at 1,000 and at 100,000 tickets on PostgreSQL: the second may cost little more than the first."""

import statistics
import time
from datetime import timedelta

import django

django.setup()

from django.core import management
from django.db import connection
from rest_framework.test import APIClient

from helpdesk.lib import clock
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Team, TeamMember, User
from tests.bench import figures
from tickets.models import Queue, Ticket

FEW, MANY, QUEUES, ROUNDS = 1_000, 100_000, 4, 40


def main() -> None:
    management.call_command("migrate", verbosity=0)
    agent, queues = _company()
    client = APIClient(SERVER_NAME="127.0.0.1")
    client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    _fill(queues, FEW)
    few = _median_ms(client, queues[0])
    _fill(queues, MANY - FEW)
    many = _median_ms(client, queues[0])
    goal = f"≤ 1.3 × {FEW:,}"
    name = f"queue page of 50 rows, {MANY:,} tickets"
    figures.tell(figures.Figure(name, many, "ms", few, f"{FEW:,} tickets", goal, many <= 1.3 * few))


def _company() -> tuple[User, list[Queue]]:
    team = Team.objects.create(name="Support", slug="support")
    agent = User.objects.create_user("agent@example.com", "agent-secret-1", name="Agent", role=User.Role.AGENT)
    TeamMember.objects.create(team=team, user=agent)
    queues = [Queue(name=f"Queue {n}", slug=f"queue-{n}", team=team, is_default=n == 0) for n in range(QUEUES)]
    return agent, Queue.objects.bulk_create(queues)


def _fill(queues: list[Queue], count: int) -> None:
    """Rows written at once: a fifth unfinished, as in a help desk that is alive."""
    requesters = [customers.create(Who(name=f"Customer {n}", email=f"c{n}-{count}@example.com")) for n in range(100)]
    moment, start = clock.now(), Ticket.objects.count()
    rows = []
    for n in range(start, start + count):
        at = moment - timedelta(minutes=n)
        is_open = n % 5 == 0
        rows.append(
            Ticket(
                subject=f"Ticket {n}",
                status="open" if is_open else "solved",
                channel="web",
                queue=queues[n // 5 % QUEUES],
                requester=requesters[n % 100],
                created_at=at,
                last_message_at=at,
                waiting_since=at if is_open else None,
                solved_at=None if is_open else at,
                last_seq=1,
                last_public_seq=1,
            )
        )
    for row in rows:
        row.set_place()
    Ticket.objects.bulk_create(rows, batch_size=2_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _median_ms(client: APIClient, queue: Queue) -> float:
    times = []
    for number in range(ROUNDS + 5):
        began = time.perf_counter()
        answer = client.get(f"/api/v1/tickets/?queue={queue.slug}")
        if answer.status_code != 200 or len(answer.json()["results"]) != 50:
            raise SystemExit(f"the queue page answers {answer.status_code}: {answer.content[:300]!r}")
        if number >= 5:
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
