"""Tickets and messages that hold all the words asked for, on both databases."""

from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from helpdesk.lib import clock, search
from helpdesk.lib.search import index, vocabulary
from helpdesk.people.models import Customer, User
from tickets.models import Message, Queue, Ticket

ODD = [
    "",
    " ",
    "the of de la",
    "'",
    '"',
    "%",
    "*",
    "\x00",
    "\ud800",
    "a\x00b",
    "OR",
    "NOT AND NEAR(",
    "terms:x",
    "((((",
    "\\",
    "😀",
    "-" * 50,
    "'; DROP TABLE tickets_ticket; --",
    "rembours*",
    "& | ! <->",
    "x" * 10_000,
    "mot " * 2_500,
    " ".join(f"w{n}" for n in range(3_000)),
]


@pytest.fixture(autouse=True)
def _fresh_vocabulary() -> Iterator[None]:
    vocabulary.forget()
    yield
    vocabulary.forget()


@pytest.fixture
def write(billing: Queue, dana: Customer) -> Callable[..., Ticket]:
    def ticket(subject: str, *bodies: str, queue: Queue = billing) -> Ticket:
        now = clock.now()
        made = Ticket.objects.create(
            subject=subject,
            queue=queue,
            requester=dana,
            channel="web",
            created_at=now,
            last_message_at=now,
            terms=search.analyse(subject),
        )
        for seq, body in enumerate(bodies, 1):
            Message(
                ticket=made, seq=seq, channel="web", body=body, terms=search.analyse(body), created_at=now
            ).save_base(force_insert=True)
        return made

    return ticket


def _subjects(text: str) -> list[str]:
    return list(search.match(Ticket.objects.order_by("-id"), text).values_list("subject", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "remboursement",
        "REMBOURSÉ",
        "rembourses",
        "vélos",
        "velo remboursé",
        "rembousement",
        "l'annulation",
        "d’une annulation",
        "annul",
        "remb",
        "MF-1042",
        "comment puis-je être remboursé ?",
    ],
)
def test_a_ticket_is_found_by_any_form_of_its_words(write, text: str) -> None:
    write("Remboursement de mon vélo après annulation, commande MF-1042")
    write("Autre chose")
    assert _subjects(text) == ["Remboursement de mon vélo après annulation, commande MF-1042"]


@pytest.mark.parametrize(
    "text", ["refund kettle", "kettles refunded", "refnud", "kettel", "my kettle's refund", "kett"]
)
def test_english_is_found_by_any_form_too(write, text: str) -> None:
    write("Refunds for two kettles")
    write("Something else")
    assert _subjects(text) == ["Refunds for two kettles"]


def test_every_word_is_demanded(write) -> None:
    write("Remboursement du vélo")
    write("Remboursement de la bouilloire")
    assert _subjects("remboursement bouilloire") == ["Remboursement de la bouilloire"]
    assert _subjects("remboursement trottinette") == []


def test_only_the_last_word_may_be_unfinished_and_a_blank_finishes_it(write) -> None:
    write("Carte cadeau")
    assert _subjects("car") == ["Carte cadeau"]
    assert _subjects("cad carte") == []
    assert _subjects("cad ") == []


def test_a_slip_adds_and_never_takes_away(write) -> None:
    """A word that the sampled vocabulary does not know may still stand in an old row."""
    write("Une trottinette")
    vocabulary.of_newest(Ticket.objects.all(), "terms")
    Ticket.objects.update(terms=search.analyse("trotinette"))
    assert _subjects("trotinette") == ["Une trottinette"]


def test_numbers_are_never_guessed(write) -> None:
    write("Commande 104299")
    assert _subjects("104298") == []


def test_the_order_and_the_narrowing_are_the_callers(
    write, technical: Queue, billing: Queue, alice: User, charlie: User
) -> None:
    mine, other = write("Facture une"), write("Facture deux", queue=technical)
    newer = write("Facture trois")
    found = search.match(Ticket.objects.visible_to(alice), "factures").order_by("-id")
    assert list(found) == [newer, mine]
    assert list(search.match(Ticket.objects.visible_to(charlie), "factures")) == [other]
    assert list(found[:1]) == [newer]
    assert found.filter(subject="Facture une").count() == 1


def test_words_may_stand_in_the_subject_and_in_messages_of_one_ticket(write) -> None:
    both = write("Remboursement", "Bonjour, le vélo est cassé", "Voici une photo")
    write("Remboursement", "La bouilloire est cassée")
    found = search.match_across(
        Ticket.objects.order_by("id"), "remboursement velo photo", Message.objects.all(), "ticket_id"
    )
    assert list(found) == [both]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_questions_find_nothing_and_break_nothing(write, text: str) -> None:
    write("Carte cadeau", "Un mot")
    list(search.match(Ticket.objects.all(), text))
    list(search.match_across(Ticket.objects.all(), text, Message.objects.all(), "ticket_id"))
    assert Ticket.objects.count() == 1


def test_the_index_follows_every_change(write) -> None:
    ticket = write("Carte cadeau")
    Ticket.objects.filter(pk=ticket.pk).update(terms=search.analyse("bouilloire"))
    assert _subjects("carte") == []
    assert _subjects("bouilloire") == ["Carte cadeau"]
    ticket.delete()
    assert _subjects("bouilloire") == []


def test_ensuring_twice_changes_nothing(write) -> None:
    write("Carte cadeau")
    before = _indexes()
    search.ensure(Ticket)
    assert _indexes() == before
    assert _subjects("carte") == ["Carte cadeau"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite remakes tables")
def test_triggers_lost_by_a_table_remake_come_back_with_what_was_missed(write) -> None:
    for name in ("insert", "update", "delete"):
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER tickets_ticket_terms_search_{name}")
    write("Carte cadeau")
    assert _subjects("carte") == []
    call_command("migrate", verbosity=0)
    assert _subjects("carte") == ["Carte cadeau"]
    write("Autre carte")
    assert _subjects("carte") == ["Autre carte", "Carte cadeau"]


def test_a_search_costs_a_fixed_number_of_queries(write) -> None:
    for number in range(30):
        write(f"Carte {number}")
    with CaptureQueriesContext(
        connection,
    ) as few:
        list(search.match(Ticket.objects.order_by("-id"), "cartes")[:5])
    with CaptureQueriesContext(connection) as many:
        list(search.match(Ticket.objects.order_by("-id"), "cartes")[:25])
    assert len(many) == len(few) - 1  # the vocabulary was read once
    assert len(many) == (2 if connection.vendor == "sqlite" else 3)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite collects the hits either way")
def test_frequent_words_are_found_row_by_row(write, monkeypatch: pytest.MonkeyPatch) -> None:
    write("Carte cadeau")
    write("Carte bleue")
    monkeypatch.setattr(index, "_MANY_HITS", 0)
    assert _subjects("cartes") == ["Carte bleue", "Carte cadeau"]
    assert _subjects("cadeau carte") == ["Carte cadeau"]


def _indexes() -> list[tuple[str, ...]]:
    query = (
        "SELECT name, sql FROM sqlite_master WHERE name LIKE '%search%' ORDER BY name"
        if connection.vendor == "sqlite"
        else "SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE '%search%' ORDER BY indexname"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
