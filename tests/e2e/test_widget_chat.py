"""A chat in the widget as people have it: by keyboard, by ear, with servers that fail, on the next page and elsewhere."""

import json
import re
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e import letters, people, shop, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Cable, Visitor
from tests.e2e.product import Mould, Site
from tests.e2e.shop import Shop

DESK = {"viewport": {"width": 1440, "height": 900}}
SLOW = people.WAITING
HISTORY = 50
# What a screen reader would say: every text that comes into, or changes in, a live region
EARS = """
window.heard = []
const LIVE = '[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log]:not([aria-live=off])'
new MutationObserver((changes) => {
  for (const {target, addedNodes, type} of changes) {
    const around = target.nodeType === Node.TEXT_NODE ? target.parentElement : target
    if (!around?.closest) continue
    if (type === 'characterData' && around.closest(LIVE)) window.heard.push(target.data.trim())
    for (const node of addedNodes)
      if (around.closest(LIVE) || node.matches?.('[role=alert]')) window.heard.push(node.textContent.trim())
  }
}).observe(document, {childList: true, subtree: true, characterData: true})
"""

# A frame that has lost the focus still names the element that had it
FOCUSED = "element => element.getRootNode().activeElement === element && document.hasFocus()"


@pytest.fixture(scope="module")
def site(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody else's agents are here."""
    with mould.cast(tmp_path_factory.mktemp("widget") / "var") as running:
        yield running


@pytest.fixture(scope="module")
def website(site: Site) -> Iterator[Shop]:
    with shop.open_shop(site) as website:
        yield website


def test_a_chat_by_keyboard_alone_is_said_once_and_sent_once(site: Site, website: Shop, open_page: OpenPage) -> None:
    alice = Agent(open_page(**DESK), site, "alice")
    alice.come_to_chats()
    page = open_page(locale="fr-FR", reduced_motion="reduce")
    page.add_init_script(EARS)
    # Somebody listens from the start: asked for only at the keypress, the browser may open its own chooser
    page.on("filechooser", lambda _: None)
    cable = Cable(page)
    visitor = Visitor(page, site, "fr", at=website.url)
    say, keys = visitor.words, page.keyboard
    expect(visitor.opener).to_be_visible(timeout=SLOW)
    faults = {"page": _faults(page)}

    # From the page to the button, into the panel, a search, a chat.
    _tab_to(page, visitor.opener)
    keys.press("Enter")
    expect(visitor.frame.get_by_role("searchbox")).to_be_focused(timeout=SLOW)
    keys.type("facture")
    expect(visitor.frame.locator("#found")).to_have_text(say("answers"), timeout=SLOW)
    expect(visitor.way("chat")).to_be_visible(timeout=SLOW)
    faults["home"] = _faults(page)
    _tab_to(page, visitor.way("chat"))
    keys.press("Enter")
    expect(visitor.box).to_be_focused(timeout=SLOW)
    expect(visitor.box).to_have_value("facture")

    # The server fails: the text stays. Asked again it takes the line, and its answer is lost: there is one all the same.
    fails = _fail(page, "**/chat/session/messages/")
    keys.press("Control+A")
    keys.type("Ma facture de novembre manque.")
    keys.press("Enter")
    asks_again = visitor.button("retry")
    expect(asks_again).to_be_visible(timeout=SLOW)
    expect(visitor.bubble("Ma facture de novembre manque.")).to_have_count(1)
    expect(visitor.box).to_be_focused()
    assert any(say("notSent") in text for text in _heard(visitor))
    _tab_to(page, asks_again, key="Shift+Tab")
    fails["takes it"] = True
    keys.press("Enter")
    expect(visitor.thread.get_by_text(say("sent"), exact=True)).to_be_visible(timeout=SLOW)
    expect(visitor.bubble("Ma facture de novembre manque.")).to_have_count(1)

    column = alice.accept("Ma facture de novembre manque.")
    expect(visitor.frame.get_by_role("heading", level=1, name=alice.full_name)).to_be_visible(timeout=SLOW)
    alice.answer("Bonjour, je regarde.")
    expect(visitor.bubble("Bonjour, je regarde.")).to_be_visible(timeout=SLOW)
    alice.answer("La voici.")
    expect(visitor.bubble("La voici.")).to_be_visible(timeout=SLOW)
    incoming = [text for text in _heard(visitor) if "je regarde" in text or "La voici" in text]
    assert incoming == [f"{alice.full_name}: Bonjour, je regarde.", f"{alice.full_name}: La voici."]

    # Without a network the text stays too; it goes once when the network is back.
    visitor.box.focus()
    cable.cut()
    keys.type("Merci beaucoup !")
    keys.press("Enter")
    expect(visitor.bubble("Merci beaucoup !")).to_be_visible()
    expect(asks_again).to_be_visible(timeout=SLOW)
    _tab_to(page, asks_again, key="Shift+Tab")
    keys.press("Enter")
    expect(visitor.bubble("Merci beaucoup !")).to_have_count(1)
    cable.mend()
    expect(column.get_by_text("Merci beaucoup !", exact=True)).to_be_visible(timeout=SLOW)
    expect(visitor.bubble("Merci beaucoup !")).to_have_count(1)

    # A file, then the conversation for everybody's eyes.
    clip = visitor.button("attach")
    visitor.box.focus()
    _tab_to(page, clip, key="Shift+Tab")
    with page.expect_file_chooser() as chooser:
        keys.press("Enter")
    chooser.value.set_files({"name": "releve.txt", "mimeType": "text/plain", "buffer": b"novembre: 59"})
    expect(visitor.frame.get_by_role("listitem").filter(has_text="releve.txt")).to_have_class("ready", timeout=SLOW)
    _tab_to(page, visitor.box)
    keys.type("Le relevé")
    keys.press("Enter")
    expect(visitor.thread.get_by_role("button", name=re.compile("^releve.txt"))).to_be_visible(timeout=SLOW)
    expect(column.get_by_text("releve.txt")).to_be_visible(timeout=SLOW)
    faults["conversation"] = _faults(page)

    said = [
        "Ma facture de novembre manque.",
        "Bonjour, je regarde.",
        "La voici.",
        "Merci beaucoup !",
        "Le relevé",
    ]
    assert [row["body"] for row in alice.messages(alice.chat) if row["kind"] == "public"] == said

    # She ends it; he rates it.
    ticket = alice.chat
    column.get_by_role("button", name=alice.words("chats.end"), exact=True).click()
    best = visitor.frame.get_by_role("radio", name=re.compile("^5"))
    expect(best).to_be_visible(timeout=SLOW)
    faults["survey"] = _faults(page)
    # From below, the keyboard comes to the last choice of a group of which none is chosen yet.
    _tab_to(page, best, key="Shift+Tab")
    keys.press("Space")
    expect(best).to_be_checked()
    _tab_to(page, visitor.button("rateSend"))
    keys.press("Enter")
    expect(visitor.thread.get_by_text(say("rateThanks"))).to_be_visible(timeout=SLOW)
    assert alice.get(f"tickets/{ticket}/")["survey"] == {"score": 5, "comment": ""}

    # Tab leads out of the open panel to the page; Escape closes it and gives the focus back.
    card = page.get_by_role("textbox", name="Numéro de carte")
    _tab_to(page, card)
    _tab_to(page, page.locator("guichet-help [aria-haspopup]"))
    _tab_to(page, visitor.box)
    keys.press("Escape")
    expect(visitor.opener).to_be_focused()
    expect(visitor.box).to_be_hidden()
    people.check(site)
    assert {name: found for name, found in faults.items() if found} == {}


def test_a_conversation_is_there_after_a_reload_on_the_next_page_and_in_a_second_browser(
    site: Site, website: Shop, open_page: OpenPage
) -> None:
    address = "maud@hollyhock.example"
    with talk.at_the_desk(site, "alice"):
        page = open_page()
        page.add_init_script(EARS)
        visitor = Visitor(page, site, "en", at=f"{website.url}/en/")
        visitor.open_chat()
        visitor.say("Hello, I have a question.")
        ticket = _accept(site, "alice", "Hello, I have a question.")
        for number in range(HISTORY):
            _answer(site, "alice", ticket, f"Answer {number} fits.")
        expect(visitor.bubble(f"Answer {HISTORY - 1} fits.")).to_be_visible(timeout=SLOW)
        said = ["Hello, I have a question.", *(f"Answer {number} fits." for number in range(HISTORY))]
        expect(visitor.thread.locator(".bubble")).to_have_text(said)
        visitor.box.fill("And the one that")

        for again in (page.reload, lambda: page.goto(f"{website.url}/en/basket")):
            again()
            expect(visitor.bubble(f"Answer {HISTORY - 1} fits.")).to_be_in_viewport(timeout=SLOW)
            expect(visitor.thread.locator(".bubble")).to_have_text(said)
            expect(visitor.box).to_have_value("And the one that")
            # Nothing of it is read out again, and the page keeps the focus.
            assert not [text for text in _heard(visitor) if "fits" in text]
            assert page.evaluate("document.activeElement === document.body")

        visitor.frame.locator("summary").click()
        visitor.button("mailLink").click()
        visitor.thread.get_by_label(visitor.words("email")).last.fill(address)
        visitor.thread.get_by_role("button", name=visitor.words("sendMail"), exact=True).click()
        expect(visitor.thread.get_by_text(re.compile("^Sent to m"))).to_be_visible(timeout=SLOW)
        link = letters.link(letters.wait(site, address, "#continue="), site, "/w/shop/")

        phone = open_page(viewport={"width": 390, "height": 844})
        phone.goto(link)
        phone.get_by_role("button", name=visitor.words("continueHere")).click()
        log = phone.get_by_role("log", name=visitor.words("conversation"))
        expect(log.locator(".bubble")).to_have_text(said, timeout=SLOW)
        phone.get_by_role("textbox", name=visitor.words("message"), exact=True).fill("On the phone now.")
        phone.keyboard.press("Enter")
        expect(visitor.bubble("On the phone now.")).to_have_count(1, timeout=SLOW)
        expect(log.get_by_text("On the phone now.", exact=True)).to_have_count(1)
        expect(visitor.box).to_have_value("And the one that")

        third = open_page()
        third.goto(link)
        third.get_by_role("button", name=visitor.words("continueHere")).click()
        expect(third.get_by_role("main").get_by_text(visitor.words("continueGone"))).to_be_visible(timeout=SLOW)
        assert third.context.storage_state() == {"cookies": [], "origins": []}
    people.check(site)


# --- steps -----------------------------------------------------------------------------------------------------------
def _accept(site: Site, agent: str, text: str) -> int:
    """As a program: take the chat that says this; returns its ticket."""
    token, line = talk.token(site, agent), f"{site.url}/api/v1/chat/line/"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        waiting = talk.call("GET", line, token=token).content["waiting"]
        found = next((session for session in waiting if session["last_line"] == text), None)
        if found:
            address = f"{site.url}/api/v1/chat/sessions/{found['id']}/accept/"
            assert talk.call("POST", address, token=token).status == 200
            return int(found["ticket"])
        time.sleep(0.2)
    raise AssertionError(f"nobody in the line says “{text}”")


def _answer(site: Site, agent: str, ticket: int, body: str) -> None:
    content = {"kind": "public", "body": body, "origin_id": str(uuid.uuid4())}
    address = f"{site.url}/api/v1/tickets/{ticket}/messages/"
    answer = talk.call("POST", address, content, token=talk.token(site, agent))
    assert answer.status == 201, answer


def _fail(page: Page, address: str) -> dict[str, bool]:
    """Calls of this address are answered 500; the server hears of them only once it `takes it`."""
    fails = {"takes it": False}

    def answer(route: Route) -> None:
        if fails["takes it"]:
            route.fetch()
        route.fulfill(status=500, content_type="application/json", body=json.dumps({"code": "error"}))

    page.route(address, answer)
    return fails


def _heard(visitor: Visitor) -> list[str]:
    frame = visitor.page.frame(url=re.compile("/w/shop/"))
    assert frame
    heard: list[str] = frame.evaluate("window.heard")
    return heard


def _faults(page: Page) -> list[str]:
    """What axe finds in the page and in the widget's frame, in the light and in the dark."""
    faults: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for frame in page.frames:
            found: Any = Axe().run(frame)
            faults += [
                f"{scheme} {rule['id']}: {rule['help']} ({', '.join(str(node['target']) for node in rule['nodes'][:4])})"
                for rule in found.response["violations"]
            ]
    page.emulate_media(color_scheme="light")
    return faults


def _tab_to(page: Page, *wanted: Locator, key: str = "Tab", most: int = 60) -> None:
    """Press Tab until one of these has the focus."""
    for _ in range(most):
        page.keyboard.press(key)
        if any(one.evaluate(FOCUSED) for one in wanted):
            return
    raise AssertionError(f"not reached by {most} times {key}")
