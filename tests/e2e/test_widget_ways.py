"""The other ways, as people have them: a line that moves and the ways out of it, a call that is arranged and called off."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e import letters, people, shop, talk, words
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Visitor
from tests.e2e.product import Mould, Site

SLOW = people.WAITING
# Whoever arranges a call reads it in his own time
ZONES = {"en": "America/New_York", "fr": "Europe/Paris"}


@pytest.fixture(scope="module")
def site(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody else's agents are here."""
    with mould.cast(tmp_path_factory.mktemp("ways") / "var") as running:
        yield running


def test_the_place_moves_and_after_the_limit_two_other_ways_keep_what_was_typed(
    site: Site, open_page: OpenPage
) -> None:
    shop.change(site, wait_limit_s=3600)
    with talk.at_the_desk(site, "alice"):
        page = open_page(locale="fr-FR")
        visitor = Visitor(page, site, "fr")
        visitor.open_chat()
        # Her hands are full, and two others came first.
        _empty_line(site, "alice")
        for _place in range(3):
            _stranger(site)
        _take_all(site, "alice", 3)
        before = [_stranger(site), _stranger(site)]
        visitor.say("Bonjour, une question.")
        place = visitor.thread.get_by_role("status")
        expect(place).to_contain_text(visitor.words("placeWait", nth="3e", minutes=15), timeout=SLOW)
        expect(visitor.button("callMe")).to_have_count(0)
        _leave(site, before.pop(0))
        expect(place).to_contain_text(visitor.words("placeWait", nth="2e", minutes=10), timeout=SLOW)

        # He has waited longer than the website wants anybody to.
        visitor.box.fill("Surtout en montée")
        shop.change(site, wait_limit_s=1)
        _leave(site, before.pop(0))
        expect(place).to_contain_text(visitor.words("placeNext"), timeout=SLOW)
        expect(place).to_contain_text(visitor.words("late"), timeout=SLOW)
        expect(visitor.button("callMe")).to_be_visible(timeout=SLOW)
        visitor.button("callMe").click()
        topic = visitor.frame.get_by_label(visitor.words("callTopic"))
        expect(topic).to_have_value("Surtout en montée", timeout=SLOW)
        visitor.button("orWrite").click()
        expect(visitor.frame.get_by_text(visitor.words("formKeeps"))).to_be_visible(timeout=SLOW)
        expect(visitor.frame.get_by_label(visitor.words("message"))).to_have_value("Surtout en montée")
        visitor.frame.get_by_label(visitor.words("email")).fill("achille@rayon.example")
        visitor.button("formSend").click()
        expect(visitor.frame.get_by_role("heading", name=visitor.words("formDone"))).to_be_visible(timeout=SLOW)
        number = re.search(r"\d+", visitor.frame.locator(".reference").inner_text())
        assert number
        assert _lines(site, number[0]) == ["Bonjour, une question.", "Surtout en montée"]
        assert _line(site, "alice")["waiting"] == []
    shop.change(site, wait_limit_s=300)
    people.check(site)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_call_is_arranged_in_ones_own_time_changed_and_called_off_from_the_mail(
    language: str, site: Site, open_page: OpenPage
) -> None:
    address = f"ferdinand.{language}@guidon.example"
    page = open_page(locale={"en": "en-GB", "fr": "fr-FR"}[language], timezone_id=ZONES[language])
    visitor = Visitor(page, site, language)
    say, frame = visitor.words, visitor.frame
    visitor.open()
    visitor.way("callMe").click()
    number = frame.get_by_label(say("phone"))
    number.fill("06 1")
    visitor.button("callSend").click()
    expect(number).to_be_focused(timeout=SLOW)
    expect(number).to_have_attribute("aria-invalid", "true")
    number.fill({"en": "06 12 34 56 78", "fr": "06 12 34 56 79"}[language])
    number.blur()
    expect(frame.get_by_text(re.compile(r"\+33 6 12 34 56 7"))).to_be_visible(timeout=SLOW)
    slot = frame.get_by_role("radio", name=say("callSlot"))
    if slot.count():
        slot.check()
    choice = frame.get_by_role("combobox", name=say("callSlot"))
    expect(frame.get_by_text(say("yourZone", zone=ZONES[language].replace("_", " ")))).to_be_visible()
    first, later = _options(choice)[0], _options(choice)[3]
    frame.get_by_label(say("email")).fill(address)
    visitor.button("callSend").click()
    consent = frame.get_by_role("checkbox", name=say("callConsent"))
    expect(consent).to_be_focused(timeout=SLOW)
    consent.check()
    visitor.button("callSend").click()
    done = frame.get_by_role("heading", name=say("callDone"))
    expect(done).to_be_focused(timeout=SLOW)
    assert [card["due_at"] for card in _calls(site)] == [first]

    # Another time; the agents see it.
    visitor.button("callChange").click()
    choice.select_option(later)
    visitor.button("save").click()
    expect(visitor.button("callChange")).to_be_visible(timeout=SLOW)
    assert [card["due_at"] for card in _calls(site)] == [later]

    # The mail of the first promise leads to the same call, in any browser; opening it changes nothing.
    mail = letters.wait(site, address, "/call/")
    said = words.pages(language)
    elsewhere = open_page(locale={"en": "en-GB", "fr": "fr-FR"}[language])
    elsewhere.goto(letters.link(mail, site, f"/{language}/call/"))
    expect(elsewhere.locator("main").get_by_role("status")).to_have_text(said("We will call you."))
    assert [card["due_at"] for card in _calls(site)] == [later]
    elsewhere.get_by_role("button", name=said("Call it off")).click()
    expect(elsewhere.locator("main").get_by_role("status")).to_have_text(said("The call was called off."))
    assert _calls(site) == []
    expect(frame.get_by_role("heading", name=say("callCancelled"))).to_be_visible()
    people.check(site)


# --- steps -----------------------------------------------------------------------------------------------------------
def _stranger(site: Site) -> str:
    """Another visitor, as a program, who waits: his session."""
    session = talk.start_chat(site)
    with talk.visitor(site, session) as socket:
        socket.say("Bonjour.")
    return session


def _empty_line(site: Site, agent: str) -> None:
    """Whom the demo left waiting has gone home."""
    for row in _line(site, agent)["waiting"]:
        for act in ("accept", "end"):
            address = f"{site.url}/api/v1/chat/sessions/{row['id']}/{act}/"
            assert talk.call("POST", address, token=talk.token(site, agent)).status == 200


def _leave(site: Site, session: str) -> None:
    assert talk.call("POST", f"{site.url}/api/v1/chat/session/end/", {}, session=session).status == 200


def _line(site: Site, agent: str) -> Any:
    return talk.call("GET", f"{site.url}/api/v1/chat/line/", token=talk.token(site, agent)).content


def _take_all(site: Site, agent: str, count: int) -> None:
    waiting = _line(site, agent)["waiting"]
    assert len(waiting) == count
    for row in waiting:
        address = f"{site.url}/api/v1/chat/sessions/{row['id']}/accept/"
        assert talk.call("POST", address, token=talk.token(site, agent)).status == 200


def _lines(site: Site, number: str) -> list[str]:
    """What the customer has written in a request."""
    found = talk.call("GET", f"{site.url}/api/v1/tickets/{number}/messages/", token=talk.token(site, "admin"))
    return [row["body"] for row in found.content["results"] if row["author"]["kind"] == "customer"]


def _calls(site: Site) -> list[dict[str, Any]]:
    """What the agents have before them, soon and later."""
    found: list[dict[str, Any]] = []
    for scope in ("due", "upcoming"):
        address = f"{site.url}/api/v1/callbacks/?scope={scope}"
        found += talk.call("GET", address, token=talk.token(site, "alice")).content["results"]
    return found


def _options(choice: Locator) -> list[str]:
    values: list[str] = choice.locator("option").evaluate_all("options => options.map(({value}) => value)")
    return values
