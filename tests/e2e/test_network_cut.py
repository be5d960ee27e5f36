"""The network of both sides goes dead without a word, and comes back: both screens show everything without a reload.

Behind a dead router a browser is not told that it is offline: nothing but silence says so. `GUICHET_CUTS=90,600` cuts
for so many seconds instead of five; after more than a minute the old connections are lost, as when an address changes.
"""

import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.e2e import people, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Visitor
from tests.e2e.product import Mould, Site
from tests.e2e.router import Router

CUTS = [int(seconds) for seconds in os.environ.get("GUICHET_CUTS", "5").split(",")]
DESK = {"viewport": {"width": 1440, "height": 900}}
# A line is asked for at most every half minute and given ten seconds to open; a call is given half a minute
PATIENCE = 90_000


@pytest.fixture
def router() -> Iterator[Router]:
    found = Router()
    yield found
    found.close()


@pytest.fixture
def site(mould: Mould, router: Router, tmp_path: Path) -> Iterator[Site]:
    """The product under the router's address; `inside` are the addresses that do not go through it."""
    with mould.cast(tmp_path / "var", PUBLIC_URL=router.url) as inside:
        router.lead_to(urlsplit(inside.url).port or 80)
        yield inside


@pytest.mark.timeout(max(CUTS) + 420)
@pytest.mark.parametrize("seconds", CUTS)
def test_a_network_that_goes_dead_and_comes_back_costs_neither_side_a_word(
    seconds: int, site: Site, router: Router, open_page: OpenPage
) -> None:
    inside, site.url = site.url, router.url
    sarah = Agent(open_page(**DESK), site, "sarah")
    sarah.come_to_chats()
    visitor = Visitor(open_page(), site, "en")
    visitor.open_chat()
    visitor.say("Is the kettle in stock?")
    column = sarah.accept("Is the kettle in stock?")
    sarah.answer("Which colour?")
    expect(visitor.bubble("Which colour?")).to_be_visible()

    router.cut()
    began = time.monotonic()
    visitor.box.fill("The blue one.")
    visitor.box.press("Enter")
    sarah.answer("We also have green.")
    # Another colleague, whose network is well, answers meanwhile
    address = f"{inside}/api/v1/tickets/{sarah.chat}/messages/"
    content = {"kind": "public", "body": "The blue one is here.", "origin_id": str(uuid.uuid4())}
    assert talk.call("POST", address, content, token=talk.token(site, "admin")).status == 201
    visitor.page.wait_for_timeout(1_000 * (seconds - (time.monotonic() - began)))
    expect(visitor.bubble("The blue one is here.")).to_have_count(0)
    expect(column.get_by_text("The blue one is here.", exact=True)).to_have_count(0)

    router.mend(is_same=seconds < 60)
    mended = time.monotonic()
    for text in ("The blue one.", "We also have green.", "The blue one is here."):
        expect(visitor.bubble(text)).to_have_count(1, timeout=PATIENCE)
        expect(column.get_by_text(text, exact=True)).to_have_count(1, timeout=PATIENCE)
    print(f"after {seconds} s without network all is there {time.monotonic() - mended:.1f} s later")
    visitor.say("Thank you!")
    expect(column.get_by_text("Thank you!", exact=True)).to_be_visible(timeout=PATIENCE)

    rows = sarah.messages(sarah.chat)
    assert [row["seq"] for row in rows] == list(range(1, 7))
    said = [row["body"] for row in rows]
    assert sorted(said) == sorted(
        [
            "Is the kettle in stock?",
            "Which colour?",
            "The blue one.",
            "We also have green.",
            "The blue one is here.",
            "Thank you!",
        ]
    )
    expect(visitor.thread.locator(".bubble")).to_have_text(said)
    expect(column.locator("article:not(.note) p.text")).to_have_text(said)
    people.check(site)
