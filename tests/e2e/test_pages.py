"""Every main page in both languages, wide and narrow, light and dark: for everybody, quiet, and usable by keyboard."""

import os
import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, Page, StorageState, expect

from tests.e2e import letters, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Visitor
from tests.e2e.product import Site

# Every pair of language, width and scheme occurs; axe is the same on both shapes, so it looks at one of them.
LOOKS = [("en", 1440, "light"), ("en", 390, "dark"), ("fr", 1440, "dark"), ("fr", 390, "light")]
EMBEDDED = os.environ.get("GUICHET_TEST_SHAPE") != "production"
looks = pytest.mark.parametrize(("language", "width", "scheme"), LOOKS if EMBEDDED else LOOKS[::3])
HEIGHTS = {1440: 900, 390: 844}
STAFF = {"en": "bob", "fr": "admin"}


def test_looks_hold_every_pair() -> None:
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert len({(look[one], look[other]) for look in LOOKS}) == 4


@pytest.fixture(scope="module")
def survey_link(site: Site) -> str:
    """The page that a customer is asked on, once his request is solved."""
    address, token = f"{uuid.uuid4().hex[:8]}@survey.example", talk.token(site, "alice")
    body = {
        "subject": "Where is my invoice?",
        "body": "I cannot find the invoice of my order.",
        "requester": {"name": "Ida", "email": address},
    }
    made = talk.call("POST", f"{site.url}/api/v1/tickets/", body, token=token)
    assert made.status == 201, made
    where = f"{site.url}/api/v1/tickets/{made.content['id']}/messages/"
    answer = {"kind": "public", "body": "Here it is.", "origin_id": str(uuid.uuid4()), "status": "solved"}
    assert talk.call("POST", where, answer, token=token).status == 201
    return letters.link(letters.wait(site, address, "/s/"), site, "/s/")


@pytest.fixture(scope="module")
def signed_in(site: Site, browser: Browser) -> Callable[[str], StorageState]:
    """The cookies of a member of the staff whose console speaks this language."""
    states: dict[str, StorageState] = {}

    def state(language: str) -> StorageState:
        if language not in states:
            context = browser.new_context(locale="en-GB")
            Agent(context.new_page(), site, STAFF[language]).sign_in()
            states[language] = context.storage_state()
            context.close()
        return states[language]

    return state


@looks
def test_customers_pages(
    language: str, width: int, scheme: str, site: Site, survey_link: str, open_page: OpenPage
) -> None:
    page = _open(open_page, language, width, scheme)
    question = {"en": "invoice", "fr": "facture"}[language]
    article = talk.call("GET", f"{site.url}/api/v1/articles/?q={question}&language={language}").content["results"][0]
    found: dict[str, list[str]] = {}
    for path in (
        f"/{language}/help/",
        f"/{language}/help/search?q={question}",
        f"/{language}/help/search?q=zzzyx",
        f"/{language}/contact/",
        f"/{language}/contact/request/",
        f"/{language}/my/login/",
        article["url"],
        f"{survey_link}?lang={language}",
    ):
        address = path if path.startswith("http") else site.url + path
        answer = page.goto(address)
        assert answer
        assert answer.status == 200, address
        found[path] = _faults(page, language)
    assert {path: faults for path, faults in found.items() if faults} == {}


@looks
def test_the_shop_and_its_widget(language: str, width: int, scheme: str, site: Site, open_page: OpenPage) -> None:
    page = _open(open_page, language, width, scheme)
    with talk.agent(site, "alice"):
        visitor = Visitor(page, site, language)
        found = {"shop": _faults(page, language)}
        visitor.open()
        frame = page.frame(url=re.compile("/w/shop/"))
        assert frame
        found["home"] = _faults(frame, language)
        visitor.frame.get_by_role("button", name=re.compile(rf"^{visitor.words('chat')}\b")).click()
        expect(visitor.box).to_be_visible()
        visitor.say("Hello!")
        found["chat"] = _faults(frame, language)
        visitor.button("back").click()
        visitor.frame.get_by_role("button", name=re.compile(rf"^{visitor.words('write')}")).click()
        expect(visitor.button("formSend")).to_be_visible()
        found["form"] = _faults(frame, language)
    assert {name: faults for name, faults in found.items() if faults} == {}


@looks
def test_the_desk(
    language: str,
    width: int,
    scheme: str,
    site: Site,
    signed_in: Callable[[str], StorageState],
    open_page: OpenPage,
) -> None:
    page = _open(open_page, language, width, scheme)
    page.goto(f"{site.url}/desk/sign-in")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found = {"sign-in": _faults(page, language)}

    page = _open(open_page, language, width, scheme, storage_state=signed_in(language))
    agent = Agent(page, site, STAFF[language])
    assert agent.words.language == language
    ticket = agent.get("tickets/?view=all")["results"][0]
    for path in (
        "inbox/all",
        f"inbox/all/{ticket['id']}",
        "chats",
        "search?q=facture",
        "customers",
        f"customers/{ticket['requester']['id']}",
        "satisfaction",
        "rules",
        "settings/learning",
        "me",
    ):
        page.goto(f"{site.url}/desk/{path}")
        expect(page.locator("main h1:visible").first).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)
        found[path] = _faults(page, language)
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_the_widget_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    with talk.agent(site, "alice"):
        visitor = Visitor(page, site, "en")
        expect(visitor.opener).to_be_visible()
        _tab_to(page, lambda: page.evaluate("document.activeElement?.localName === 'guichet-help'"))
        page.keyboard.press("Enter")
        question = visitor.frame.get_by_role("searchbox", name=visitor.words("search"))
        expect(question).to_be_focused()
        chat = visitor.frame.get_by_role("button", name=re.compile(rf"^{visitor.words('chat')}\b"))
        expect(chat).to_be_visible()
        _tab_to(page, lambda: chat.evaluate("element => element === document.activeElement"))
        page.keyboard.press("Enter")
        expect(visitor.box).to_be_focused()
        page.keyboard.type("No mouse was used for this.")
        page.keyboard.press("Enter")
        expect(visitor.bubble("No mouse was used for this.")).to_be_visible()
        expect(visitor.box).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("guichet-help dialog")).to_be_hidden()
        expect(visitor.page.locator("guichet-help > button, guichet-help button").first).to_be_focused()


def test_alice_triages_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    subject = f"Colis introuvable {uuid.uuid4().hex[:6]}"
    body = {"subject": subject, "body": "Où est mon colis ?", "requester": {"email": "zoe@clavier.example"}}
    made = talk.call("POST", f"{site.url}/api/v1/tickets/", body, token=talk.token(site, "admin"))
    assert made.content["queue"]["slug"] == "orders", made
    page = open_page(viewport={"width": 1440, "height": 900})
    alice = Agent(page, site, "alice")
    alice.sign_in()
    alice.go("inbox/queue-orders?sort=-created")
    expect(alice.row(subject)).to_be_visible()
    page.keyboard.press("j")
    expect(page.locator(f"[data-ticket='{made.content['id']}']")).to_be_focused()
    page.keyboard.press("o")
    expect(page).to_have_url(re.compile(rf"/desk/inbox/queue-orders/{made.content['id']}"))
    expect(alice.box).to_be_visible()
    page.keyboard.press("r")
    expect(alice.box).to_be_focused()
    page.keyboard.type("Votre colis arrive demain.")
    page.keyboard.press("Control+Enter")
    expect(alice.thread.get_by_text("Votre colis arrive demain.")).to_be_visible()
    deadline = time.monotonic() + 10
    while (stored := alice.get(f"tickets/{made.content['id']}/messages/")["results"])[-1]["seq"] < 2:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert [(row["kind"], row["body"]) for row in stored][1:] == [("public", "Votre colis arrive demain.")]
    assert alice.get(f"tickets/{made.content['id']}/")["assignee"]["name"] == alice.full_name


# --- what is looked at -------------------------------------------------------------------------------------------------
def _open(open_page: OpenPage, language: str, width: int, scheme: str, **options: Any) -> Page:
    return open_page(
        locale={"en": "en-GB", "fr": "fr-FR"}[language],
        viewport={"width": width, "height": HEIGHTS[width]},
        color_scheme=scheme,
        reduced_motion="reduce",
        **options,
    )


def _faults(page: Page | Frame, language: str) -> list[str]:
    """What is wrong with the page as it is now, in words."""
    faults = []
    shown = page.evaluate("document.documentElement.lang")
    if shown[:2] != language:
        faults.append(f"lang is {shown}")
    wide = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        faults.append(f"{wide} px too wide")
    if EMBEDDED:
        seen = Axe().run(page)
        faults += [
            f"{rule['id']}: {rule['help']} ({', '.join(str(node['target']) for node in rule['nodes'][:4])})"
            for rule in seen.response["violations"]
        ]
    return faults


def _tab_to(page: Page, is_there: Callable[[], bool], most: int = 40) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if is_there():
            return
    raise AssertionError(f"not reached by {most} tabs")
