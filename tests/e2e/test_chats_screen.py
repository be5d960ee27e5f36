"""The agents' chats screen: what rings, four chats at once, help from colleagues, calls to make; in both languages."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from tests.e2e import people, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Visitor
from tests.e2e.product import Mould, Site

SOON = 60_000
WIDE = {"viewport": {"width": 1800, "height": 900}}
# What the browser would let the agent hear and see outside the page
BELL = """
window.bells = []
const make = AudioContext.prototype.createOscillator
AudioContext.prototype.createOscillator = function () { window.bells.push('tone'); return make.call(this) }
window.Notification = class {
  static get permission() { return localStorage.getItem('allowed') ?? 'default' }
  static async requestPermission() { localStorage.setItem('allowed', 'granted'); return 'granted' }
  constructor(title, options) { window.bells.push(`${title}: ${options.body}`) }
  close() {}
}
document.hasFocus = () => !window.away
"""
# Colours that are still on their way are nobody's contrast
FADED = """() => Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition)
  .map(one => one.finished.catch(() => 0))).then(() => true)"""
AXE = Callable[[Page], None]


@pytest.fixture
def axe(axe: AXE) -> AXE:
    """Asserts that axe finds nothing once the colours have settled."""

    def check(page: Page) -> None:
        page.evaluate(FADED)
        axe(page)

    return check


@pytest.fixture(scope="module")
def desk(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody is in the line, and offers wait long enough for a busy machine."""
    with mould.cast(tmp_path_factory.mktemp("chats") / "var", CHAT_OFFER_SECONDS="300") as running:
        for user in ("bob", "admin"):
            for session in _line(running, user):
                address = f"{running.url}/api/v1/chat/sessions/{session}/end/"
                assert talk.call("POST", address, token=talk.token(running, user)).status == 200
        assert _line(running, "admin") == []
        yield running


def test_a_chat_is_offered_with_a_bell_answered_with_all_tools_and_wrapped_up(
    desk: Site, open_page: OpenPage, axe: AXE
) -> None:
    page = open_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(BELL)
    sarah = _agent(page, desk, "sarah")
    sarah.button("alerts.soundOn").click()
    sarah.button("alerts.noticesOn").click()
    expect(sarah.button("alerts.soundOff")).to_be_visible()
    expect(sarah.button("alerts.noticesOff")).to_be_visible()
    expect(page.get_by_text(sarah.words("chatsBar.next", names=sarah.words("chatsBar.you")))).to_be_visible()
    offered = page.get_by_role("region", name=sarah.words("chatsBar.offered"))
    expect(offered.get_by_role("listitem").first).to_have_text(
        re.compile(f"{sarah.words('chatsBar.ways.chat')} *{sarah.words('chatsBar.yes')}")
    )
    sarah.go("inbox/mine")
    page.evaluate("window.bells = []; window.away = true")

    visitor = Visitor(open_page(locale="fr-FR"), desk, "fr")
    visitor.open_chat()
    visitor.say("Bonjour, quelqu'un est là ?")
    card = page.get_by_role("region", name=sarah.words("chats.offers"))
    expect(card).to_contain_text("Bonjour, quelqu'un est là ?", timeout=SOON)
    expect(page).to_have_title(re.compile(r"^\(1\)"))
    bells = page.evaluate("window.bells")
    assert "tone" in bells
    assert f"{sarah.words('chats.offered', name=sarah.words('customer.visitor'))}: Bonjour, quelqu'un est là ?" in bells
    page.evaluate("window.away = false")
    card.get_by_role("button", name=sarah.words("chats.take"), exact=True).click()
    column = _active(sarah)
    expect(column.get_by_text("Bonjour, quelqu'un est là ?")).to_be_visible()

    # A canned reply in the customer's language, though the agent works in English.
    box = _box(sarah, column)
    box.press_sequentially("/chat", delay=20)
    page.get_by_role("option", name=re.compile("^Chat : bonjour")).click()
    expect(box).to_have_value(re.compile(rf"^Bonjour.*ici {sarah.full_name}\. Un instant, je lis votre message\.$"))
    box.press("Enter")
    expect(visitor.thread.get_by_text("Un instant, je lis votre message.")).to_be_visible(timeout=SOON)

    column.get_by_role("button", name=sarah.words("composer.articles"), exact=True).click()
    picker = page.get_by_role("dialog", name=sarah.words("composer.articles"))
    picker.get_by_role("searchbox").fill("livraison")
    found = picker.get_by_role("listitem").filter(has=page.get_by_role("button", name=sarah.words("articles.link")))
    title = found.first.get_by_role("link").inner_text()
    found.first.get_by_role("button", name=sarah.words("articles.link"), exact=True).click()
    expect(box).to_have_value(re.compile(rf"^{re.escape(title)}\n{re.escape(desk.url)}/fr/help/"))
    column.locator("input[type=file]").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"Second floor"}
    )
    expect(column.get_by_text("plan.txt")).to_be_visible()
    expect(column.get_by_role("progressbar")).to_have_count(0)
    box.press("Enter")
    expect(visitor.thread.get_by_text("plan.txt")).to_be_visible(timeout=SOON)
    expect(visitor.thread.get_by_text(title)).to_be_visible()

    column.get_by_role("tab", name=sarah.words("composer.note")).click()
    note = column.get_by_role("textbox", name=sarah.words("composer.note"), exact=True)
    note.fill("Knows the shop, be quick.")
    note.press("Control+Enter")
    expect(column.get_by_role("article").filter(has_text="Knows the shop, be quick.")).to_be_visible(timeout=SOON)
    column.get_by_role("tab", name=re.compile(f"^{sarah.words('composer.reply')}")).click()
    axe(page)

    # What was typed survives a reload; the browser warns of closing by accident.
    box.fill("Je regarde encore")
    warned: list[str] = []

    def accept(dialog: Dialog) -> None:
        warned.append(dialog.type)
        dialog.accept()

    page.once("dialog", accept)
    page.reload()
    column = _active(sarah)
    expect(_box(sarah, column)).to_have_value("Je regarde encore")
    assert warned == ["beforeunload"]
    assert "Knows the shop" not in visitor.frame.locator("body").inner_text()

    _act(sarah, column, "hands.proposeCall")
    expect(visitor.thread.get_by_text(f"{sarah.full_name} peut aussi vous rappeler")).to_be_visible(timeout=SOON)
    expect(visitor.thread.get_by_role("button", name=visitor.words("callMe"), exact=True)).to_be_visible()
    _box(sarah, column).fill("")
    column.get_by_role("button", name=sarah.words("chats.end"), exact=True).click()
    expect(visitor.frame.get_by_role("button", name=visitor.words("transcript"), exact=True)).to_be_visible(
        timeout=SOON
    )
    ticket = sarah.page.url.rsplit("/", 1)[-1]
    page.get_by_label(sarah.words("hands.outcome")).select_option("solved")
    page.get_by_label(sarah.words("hands.tags")).fill("welcome")
    axe(page)
    sarah.button("hands.save").click()
    expect(page.get_by_label(sarah.words("hands.outcome"))).to_have_count(0)
    found_ticket = sarah.get(f"tickets/{ticket}/")
    assert (found_ticket["status"], "welcome" in found_ticket["tags"]) == ("solved", True)

    # The next one comes, and one key takes it.
    _begin(desk, "Hello, is anybody there?")
    expect(_waiting(sarah, "Hello, is anybody there?")).to_be_visible(timeout=SOON)
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("q")
    expect(_active(sarah).get_by_text("Hello, is anybody there?")).to_be_visible(timeout=SOON)
    _act(sarah, _active(sarah), "hands.inWriting")
    expect(page).to_have_url(re.compile(r"/desk/inbox/all/\d+$"))
    expect(sarah.thread.get_by_text("goes on in writing: you find the answer here.")).to_be_visible(timeout=SOON)
    sarah.go("inbox/mine")
    sarah.be("away")
    people.check(desk)


def test_four_chats_side_by_side_with_their_drafts_by_a_french_keyboard_and_a_call_to_make(
    desk: Site, open_page: OpenPage, axe: AXE
) -> None:
    page = open_page(**WIDE)
    karim = _agent(page, desk, "karim")
    page.on("dialog", lambda dialog: dialog.accept())
    lines = ["Bonjour, première question", "Bonjour, deuxième question", "Hello, third question", "Hello, the fourth"]
    visitors = [_begin(desk, words, "fr" if words.startswith("B") else "en") for words in lines]
    for words in lines:
        _take(karim, words)
        expect(_active(karim).get_by_text(words)).to_be_visible(timeout=SOON)
    columns = page.locator("section.column")
    expect(columns).to_have_count(4)
    expect(page.get_by_text(karim.words("chats.slots", used=4, all=4))).to_be_visible()

    # The digit row of AZERTY types accents: the place of the key counts.
    page.get_by_role("heading", level=1).click()
    for number, (key, code) in enumerate([("&", "Digit1"), ("é", "Digit2"), ('"', "Digit3"), ("'", "Digit4")]):
        _press(page, key, code)
        expect(_active(karim).get_by_text(lines[number])).to_be_visible()
        expect(_box(karim, _active(karim))).to_be_focused()
        page.keyboard.type(f"Brouillon {number + 1}")
        page.keyboard.press("Escape")

    # A word in another chat moves neither the focus nor what is written; it is counted.
    _box(karim, columns.nth(0)).focus()
    _say(desk, visitors[3], "Are you still there?")
    fourth = columns.nth(3)
    expect(fourth.get_by_text("Are you still there?")).to_be_visible(timeout=SOON)
    expect(fourth.get_by_role("banner").or_(fourth.locator("header")).first).to_contain_text(
        karim.words("hands.unread", count=1), timeout=SOON
    )
    expect(_box(karim, columns.nth(0))).to_be_focused()
    expect(_box(karim, columns.nth(0))).to_have_value("Brouillon 1")
    axe(page)
    page.emulate_media(color_scheme="dark")
    axe(page)
    page.emulate_media(color_scheme="light")

    karim.button("chatsBar.layouts.one").click()
    expect(columns).to_have_count(1)
    expect(page.get_by_role("complementary", name=karim.words("customer.panel"))).to_be_visible()
    karim.button("chatsBar.layouts.grid").click()
    expect(columns).to_have_count(4)
    page.reload()
    expect(columns).to_have_count(4)
    for number in range(4):
        expect(_box(karim, columns.nth(number))).to_have_value(f"Brouillon {number + 1}")
    tops = {round(columns.nth(number).bounding_box()["y"]) for number in range(4)}  # type: ignore[index]
    assert len(tops) == 2, "two by two"
    karim.button("chatsBar.layouts.side").click()

    # Finishing: the widget offers no chat any more.
    offered = page.get_by_role("region", name=karim.words("chatsBar.offered"))
    chat_now = re.compile(f"{karim.words('chatsBar.ways.chat')} *{karim.words('chatsBar.yes')}")
    expect(offered.get_by_role("listitem").first).to_have_text(chat_now)
    page.get_by_role("button", name=re.compile(re.escape(karim.words("chatsBar.presence", status="").strip()))).click()
    page.get_by_role("menuitem", name=re.compile(f"^{karim.words('availability.finishing')}")).click()
    expect(offered.get_by_role("listitem").first).to_have_text(
        re.compile(f"{karim.words('chatsBar.ways.chat')} *{karim.words('chatsBar.no')}"), timeout=SOON
    )
    shown = talk.call("GET", f"{desk.url}/api/v1/chat/channels/?site={desk.demo['site']}").content["chat"]
    assert (shown["available"], shown["agents"]) == (False, 0)

    call = _promise_a_call(desk, "Choisir un vélo")
    card = page.get_by_role("region", name=karim.words("calls.title")).get_by_role("listitem")
    card = card.filter(has_text="Choisir un vélo")
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    page.reload()
    card.get_by_role("button", name=re.compile(f"^{karim.words('calls.take')}")).click(timeout=SOON)
    expect(card.get_by_role("link", name="+33 1 99 00 12 34")).to_have_attribute("href", "tel:+33199001234")
    axe(page)
    card.get_by_label(karim.words("calls.note")).fill("Messagerie")
    card.get_by_role("button", name=karim.words("calls.outcomes.no_answer"), exact=True).click()
    expect(card).to_have_count(0, timeout=SOON)
    now = karim.get(f"callbacks/{call}/")
    assert (now["state"], now["attempts"], [one["outcome"] for one in now["tries"]]) == ("waiting", 1, ["no_answer"])
    karim.end_chats()
    karim.go("inbox/mine")
    karim.be("away")
    people.check(desk)


def test_a_chat_goes_from_hand_to_hand_and_a_supervisor_whispers_and_takes_over(
    desk: Site, open_page: OpenPage, axe: AXE
) -> None:
    sarah = _agent(open_page(viewport={"width": 1366, "height": 850}), desk, "sarah")
    karim = _agent(open_page(viewport={"width": 1366, "height": 850}), desk, "karim")
    bob = _agent(open_page(viewport={"width": 1366, "height": 850}), desk, "bob")
    bob.go("inbox/mine")
    bob.be("finishing")
    bob.go("chats")
    session = _begin(desk, "Hello, can I speak to somebody?")
    with talk.visitor(desk, session) as browser:
        _take(sarah, "Hello, can I speak to somebody?")
        column = _active(sarah)
        expect(column.get_by_text("Hello, can I speak to somebody?")).to_be_visible()

        # To a person: asked, with what he must know; sarah keeps the chat until he says yes.
        _act(sarah, column, "hands.transfer")
        dialog = sarah.page.get_by_role("dialog")
        dialog.get_by_role("radio", name=re.compile(f"^{karim.full_name}")).check()
        expect(dialog.get_by_role("button", name=sarah.words("hands.transfer"), exact=True)).to_be_disabled()
        dialog.get_by_label(sarah.words("hands.line")).fill("Wants a person, in French if possible.")
        axe(sarah.page)
        dialog.get_by_role("button", name=sarah.words("hands.transfer"), exact=True).click()
        expect(column.get_by_text(sarah.words("hands.heldOut", name=karim.full_name))).to_be_visible(timeout=SOON)
        held = karim.page.get_by_role("region", name=karim.words("hands.offeredBy", name=sarah.full_name))
        expect(held).to_contain_text("Wants a person, in French if possible.", timeout=SOON)
        axe(karim.page)
        held.get_by_role("button", name=karim.words("hands.accept"), exact=True).click()
        expect(sarah.page.get_by_text(sarah.words("chats.handedTo", name=karim.full_name)).first).to_be_visible(
            timeout=SOON
        )
        browser.wait(type="chat.accepted", agent={"id": karim.get("me/")["id"], "name": karim.full_name})
        column = _active(karim)
        expect(column.get_by_text("Wants a person, in French if possible.")).to_be_visible(timeout=SOON)

        # He asks for help; the supervisor looks on, whispers, and takes over. The agent sees each of it.
        _act(karim, column, "hands.askHelp")
        live = bob.page.get_by_role("region", name=bob.words("hands.live"))
        asked = live.get_by_role("listitem").filter(has_text=bob.words("hands.needHelp"))
        expect(asked).to_have_count(1, timeout=SOON)
        asked.get_by_role("button", name=re.compile(f"^{bob.words('hands.watch')}")).click()
        expect(karim.page.get_by_text(karim.words("chats.watched", name=bob.full_name)).first).to_be_visible(
            timeout=SOON
        )
        expect(column.get_by_text(karim.words("hands.viewing", names=bob.full_name))).to_be_visible(timeout=SOON)
        watched = _active(bob)
        whisper = watched.get_by_role(
            "textbox", name=re.compile(f"^{bob.words('hands.whisper', name=karim.full_name)}")
        )
        whisper.fill("Offer the voucher CANARY")
        whisper.press("Enter")
        expect(column.get_by_text("Offer the voucher CANARY")).to_be_visible(timeout=SOON)
        expect(watched.get_by_role("button", name=bob.words("composer.addNote"), exact=True)).to_be_enabled()
        axe(bob.page)
        watched.get_by_role("button", name=bob.words("hands.takeOver"), exact=True).click()
        expect(karim.page.get_by_text(karim.words("chats.handedTo", name=bob.full_name)).first).to_be_visible(
            timeout=SOON
        )
        expect(_lists(karim).get_by_text(karim.words("chats.noneMine"))).to_be_visible(timeout=SOON)

        # Back into a line: another queue's, before those who just came.
        column = _active(bob)
        expect(_box(bob, column)).to_be_visible(timeout=SOON)
        _act(bob, column, "hands.transfer")
        dialog = bob.page.get_by_role("dialog")
        dialog.get_by_role("radio", name="Billing & refunds").check()
        dialog.get_by_label(bob.words("hands.line")).fill("Has the voucher; asks for the invoice.")
        dialog.get_by_role("button", name=bob.words("hands.transfer"), exact=True).click()
        _take(sarah, "Billing & refunds")
        expect(_active(sarah).get_by_text("Has the voucher; asks for the invoice.")).to_be_visible(timeout=SOON)
        browser.wait(type="chat.accepted", agent={"id": sarah.get("me/")["id"], "name": sarah.full_name})
        assert "CANARY" not in json.dumps(browser.heard)
        assert "in French if possible" not in json.dumps(browser.heard)
    sarah.end_chats()
    people.check(desk)


def _line(site: Site, user: str) -> list[int]:
    """Who waits, as this user sees it."""
    found = talk.call("GET", f"{site.url}/api/v1/chat/line/", token=talk.token(site, user))
    assert found.status == 200, found
    return [session["id"] for session in found.content["waiting"]]


# --- steps -----------------------------------------------------------------------------------------------------------
def _agent(page: Page, site: Site, name: str) -> Agent:
    agent = Agent(page, site, name)
    agent.end_chats()
    agent.sign_in()
    agent.be("available")
    agent.go("chats")
    expect(_lists(agent).get_by_text(agent.words("chats.noneMine"))).to_be_visible(timeout=SOON)
    return agent


def _lists(agent: Agent) -> Locator:
    return agent.page.get_by_role("region", name=agent.words("chats.lists"))


def _waiting(agent: Agent, words: str) -> Locator:
    """The row of the line that says this."""
    rows = (
        _lists(agent)
        .get_by_role("listitem")
        .filter(
            has=agent.page.get_by_role(
                "button", name=re.compile(f"^{agent.words('chats.takeNamed', name='')}".rstrip())
            )
        )
    )
    return rows.filter(has_text=words)


def _take(agent: Agent, words: str) -> None:
    name = re.compile(f"^{agent.words('chats.takeNamed', name='')}".rstrip())
    _waiting(agent, words).get_by_role("button", name=name).click(timeout=SOON)


def _active(agent: Agent) -> Locator:
    """The conversation that the agent is in."""
    return agent.page.locator("section.column.active")


def _box(agent: Agent, column: Locator) -> Locator:
    return column.get_by_role("textbox", name=re.compile(rf"^{agent.words('composer.replyTo', name='').strip()}"))


def _act(agent: Agent, column: Locator, key: str) -> None:
    column.get_by_role("button", name=agent.words("hands.acts"), exact=True).click()
    agent.page.get_by_role("menuitem", name=agent.words(key)).click()


def _press(page: Page, key: str, code: str) -> None:
    """A key of another layout: what it types, and where it lies."""
    event = {"key": key, "code": code, "bubbles": True, "cancelable": True}
    page.evaluate("event => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', event))", event)


def _begin(site: Site, words: str, language: str = "en") -> str:
    """A visitor without a browser writes his first line; returns his session."""
    given = {"site": site.demo["site"], "language": language}
    started = talk.call("POST", f"{site.url}/api/v1/chat/sessions/", given)
    assert started.status == 201, started
    session = str(started.content["session"])
    _say(site, session, words)
    return session


def _say(site: Site, session: str, words: str) -> None:
    said = {"body": words, "origin_id": str(uuid.uuid4())}
    answer = talk.call("POST", f"{site.url}/api/v1/chat/session/messages/", said, session=session)
    assert answer.status == 201, answer


def _promise_a_call(site: Site, topic: str) -> int:
    """A call-back at the first time that is free, and that time has come; returns its id."""
    session = str(_open(site)["session"])
    free = talk.call("GET", f"{site.url}/api/v1/chat/callbacks/slots/?site={site.demo['site']}").content["slots"][0]
    asked = {
        "origin_id": str(uuid.uuid4()), "number": "01 99 00 12 34", "region": "FR", "starts_at": free["starts_at"],
        "zone": "Europe/Paris", "topic": topic, "consent": True,
    }  # fmt: skip
    made = talk.call("POST", f"{site.url}/api/v1/chat/callbacks/", asked, session=session)
    assert made.status == 201, made
    code = f"""
from chat.models import Callback
from helpdesk.lib import clock
Callback.objects.filter(pk={made.content["id"]}).update(due_at=clock.now())
"""
    done = site.manage("shell", "-c", code)
    assert done.returncode == 0, done.stderr.decode()
    return int(made.content["id"])


def _open(site: Site) -> dict[str, Any]:
    given = {"site": site.demo["site"], "language": "fr"}
    started = talk.call("POST", f"{site.url}/api/v1/chat/sessions/", given)
    assert started.status == 201, started
    found: dict[str, Any] = started.content
    return found
