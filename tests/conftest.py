"""What every test stands on: the cast of one small company, callers of the API, and nothing remembered from before.

Two teams with a queue each: alice and rita (who may only read) serve billing, charlie serves technical (the default
queue), bob supervises both, ada administers. Dana and Éric ask.
"""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Team, TeamMember, User
from tests import servers
from tests.servers import Imap, SmtpSink
from tickets.models import Queue

Api = Callable[[User | None], APIClient]


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits and presence live in the cache; each xdist worker has one of its own."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def technical(db: None) -> Queue:
    team = Team.objects.create(name="Technical", slug="technical")
    return Queue.objects.create(name="Technical", slug="technical", team=team, is_default=True)


@pytest.fixture
def billing(db: None) -> Queue:
    team = Team.objects.create(name="Billing", slug="billing")
    return Queue.objects.create(name="Billing", slug="billing", team=team, position=1)


@pytest.fixture
def alice(billing: Queue) -> User:
    return _user("alice", "Alice Martin", User.Role.AGENT, billing)


@pytest.fixture
def rita(billing: Queue) -> User:
    return _user("rita", "Rita Reader", User.Role.READER, billing)


@pytest.fixture
def charlie(technical: Queue) -> User:
    return _user("charlie", "Charlie Petit", User.Role.AGENT, technical)


@pytest.fixture
def bob(billing: Queue, technical: Queue) -> User:
    return _user("bob", "Bob Durand", User.Role.SUPERVISOR, billing, technical)


@pytest.fixture
def ada(db: None) -> User:
    return _user("ada", "Ada Admin", User.Role.ADMIN)


@pytest.fixture
def dana(db: None) -> Customer:
    """A customer whose address is proved."""
    return customers.create(Who(name="Dana Dupont", email="dana@example.com", locale="en", is_proved=True))


@pytest.fixture
def eric(db: None) -> Customer:
    """A customer who only claims his address, and writes French."""
    return customers.create(Who(name="Éric Lefèvre", email="eric@example.com", locale="fr"))


@pytest.fixture
def api() -> Api:
    """A client of the API, signed in as the user given: `api(alice).get("/api/v1/me/")`; `api(None)` is a stranger."""

    def client_of(user: User | None) -> APIClient:
        client = APIClient()
        if user is not None:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return client_of


@pytest.fixture(scope="session")
def imap() -> Iterator[Imap]:
    """A real IMAP server with one account."""
    with servers.dovecot() as server:
        yield server


@pytest.fixture
def smtp(settings: Settings) -> Iterator[SmtpSink]:
    """A real SMTP server to which the product sends its mail."""
    with servers.smtp() as sink:
        settings.EMAIL_BACKEND = "helpdesk.lib.smtp.Backend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = sink.host, sink.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield sink


def _user(name: str, full_name: str, role: User.Role, *queues: Queue) -> User:
    user = User.objects.create_user(f"{name}@example.com", f"{name}-secret-1", name=full_name, role=role)
    TeamMember.objects.bulk_create(TeamMember(team=queue.team, user=user) for queue in queues)
    return user
