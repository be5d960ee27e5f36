"""Atom feeds of public articles."""

from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.test import Client

from helpdesk.people.models import User
from knowledge import publishing
from tests.knowledge.conftest import CANARY, Shelf

ATOM = "{http://www.w3.org/2005/Atom}"


def _entries(address: str) -> list[tuple[str, str, str]]:
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    assert CANARY not in answer.content.decode()
    feed = ElementTree.fromstring(answer.content)
    assert feed.find(f"{ATOM}link[@rel='self']").attrib["href"] == f"{settings.PUBLIC_URL}{address}"  # type: ignore[union-attr]
    return [
        (entry.findtext(f"{ATOM}title", ""), entry.find(f"{ATOM}link").attrib["href"], entry.findtext(f"{ATOM}id", ""))  # type: ignore[union-attr]
        for entry in feed.findall(f"{ATOM}entry")
    ]


def test_a_feed_tells_of_the_public_articles_of_its_language_newest_first(shelf: Shelf) -> None:
    assert [(title, link) for title, link, _ in _entries("/en/help/feed/")] == [
        ("Descale the kettle", f"{settings.PUBLIC_URL}{shelf.kettle_en.get_absolute_url()}"),
        ("When will I get my refund?", f"{settings.PUBLIC_URL}{shelf.refund_en.get_absolute_url()}"),
    ]
    assert [title for title, *_ in _entries("/fr/help/section/returns/feed/")] == ["Quand serai-je remboursé ?"]
    assert Client().get("/fr/help/section/nowhere/feed/").status_code == 404


def test_an_entry_keeps_its_name_when_its_address_changes(shelf: Shelf, bob: User) -> None:
    before = _entries("/en/help/section/home/feed/")
    publishing.update(shelf.kettle_en, by=bob, title="Clean the kettle")
    after = _entries("/en/help/section/home/feed/")
    assert before[0][2] == after[0][2]
    assert before[0][1] != after[0][1]


@pytest.mark.parametrize("page", ["/fr/help/", "/fr/help/section/returns/"])
def test_pages_name_their_feed(shelf: Shelf, page: str) -> None:
    said = Client().get(page).content.decode()
    assert 'type="application/atom+xml" title=' in said
    assert f'href="{settings.PUBLIC_URL}{page}feed/"' in said
