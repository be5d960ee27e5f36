"""A visitor and an agent in two browsers: at once, both ways, across reloads and cut networks, nothing lost, nothing twice."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.e2e import letters, people, words
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent, Cable, Visitor
from tests.e2e.product import Mould, Site

DESK = {"viewport": {"width": 1440, "height": 900}}
SOON = people.WAITING
UNSEEN_SECONDS = 2


@pytest.fixture(scope="module")
def chat_site(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Nobody else's agents are here, and what a visitor does not see is mailed after seconds."""
    with mould.cast(tmp_path_factory.mktemp("chat") / "var", UNSEEN_MAIL_SECONDS=str(UNSEEN_SECONDS)) as running:
        yield running


def test_visitor_and_agent_talk_at_once_and_a_note_stays_inside(chat_site: Site, open_page: OpenPage) -> None:
    sarah = _agent(open_page(**DESK), chat_site, "sarah")
    visitor = Visitor(open_page(), chat_site, "en")
    heard = _ear(visitor)
    visitor.open_chat()
    visitor.say("Hello, where is my parcel MF-20731?")

    column = sarah.accept("Hello, where is my parcel MF-20731?")
    expect(visitor.frame.get_by_role("heading", level=1, name=sarah.full_name)).to_be_visible(timeout=SOON)

    box = column.get_by_role("textbox", name=re.compile("^Reply to"))
    box.press_sequentially("Good morn", delay=30)
    expect(visitor.frame.get_by_text(visitor.words("typing", name=sarah.full_name))).to_be_visible(timeout=SOON)
    box.fill("Good morning, I am looking.")
    box.press("Enter")
    expect(visitor.bubble("Good morning, I am looking.")).to_be_visible(timeout=SOON)

    visitor.box.press_sequentially("It was", delay=30)
    expect(column.get_by_text("is typing…")).to_be_visible(timeout=SOON)
    visitor.say("It was due on Friday.")
    expect(column.get_by_text("It was due on Friday.")).to_be_visible(timeout=SOON)

    column.get_by_role("tab", name=sarah.words("composer.note")).click()
    note = column.get_by_role("textbox", name=sarah.words("composer.note"), exact=True)
    note.fill("The courier lost it, do not tell yet.")
    column.get_by_role("button", name=sarah.words("composer.addNote"), exact=True).click()
    expect(column.get_by_text("The courier lost it, do not tell yet.")).to_be_visible(timeout=SOON)
    column.get_by_role("tab", name=re.compile(f"^{sarah.words('composer.reply')}")).click()
    box.fill("A new one leaves today.")
    box.press("Enter")
    expect(visitor.bubble("A new one leaves today.")).to_be_visible(timeout=SOON)

    said = [
        "Hello, where is my parcel MF-20731?",
        "Good morning, I am looking.",
        "It was due on Friday.",
        "A new one leaves today.",
    ]
    _same_everywhere(sarah, visitor, column, said)

    # A reload on either side finds the conversation where it stopped, and it goes on.
    visitor.page.reload()
    expect(visitor.bubble("A new one leaves today.")).to_be_visible()
    sarah.page.reload()
    column = sarah.column
    expect(column.get_by_text("A new one leaves today.")).to_be_visible()
    visitor.say("Thank you!")
    expect(column.get_by_text("Thank you!")).to_be_visible(timeout=SOON)
    _same_everywhere(sarah, visitor, column, [*said, "Thank you!"])
    assert "courier lost it" not in visitor.frame.locator("body").inner_text()
    assert heard
    assert "courier lost it" not in "".join(heard)
    people.check(chat_site)


@pytest.mark.parametrize("side", ["visitor", "agent"])
def test_a_network_cut_while_both_write_loses_and_doubles_nothing(
    side: str, chat_site: Site, open_page: OpenPage
) -> None:
    at_the_desk, at_home = open_page(**DESK), open_page()
    cable = Cable(at_home if side == "visitor" else at_the_desk)
    sarah = _agent(at_the_desk, chat_site, "sarah")
    visitor = Visitor(at_home, chat_site, "en")
    visitor.open_chat()
    visitor.say(f"Is the kettle in stock? ({side})")
    column = sarah.accept(f"Is the kettle in stock? ({side})")
    sarah.answer("Which colour?")
    expect(visitor.bubble("Which colour?")).to_be_visible(timeout=SOON)

    began = time.monotonic()
    cable.cut()
    _write(visitor, "The blue one.")
    sarah.answer("We also have green.")
    _write(visitor, "Blue, please.")
    sarah.answer("I am checking.")
    at_home.wait_for_timeout(5_000 - 1_000 * (time.monotonic() - began))
    # It was a real cut: neither side has heard what the other wrote.
    expect(column.get_by_text("Blue, please.", exact=True)).to_have_count(0)
    expect(visitor.bubble("I am checking.")).to_have_count(0)
    cable.mend()

    for text in ("The blue one.", "Blue, please.", "We also have green.", "I am checking."):
        expect(visitor.bubble(text)).to_have_count(1, timeout=SOON)
        expect(column.get_by_text(text, exact=True)).to_have_count(1, timeout=SOON)
    _write(visitor, "Are you there?")
    expect(column.get_by_text("Are you there?", exact=True)).to_be_visible(timeout=SOON)
    stored = _stored(sarah)
    assert sorted(stored) == sorted(
        [
            f"Is the kettle in stock? ({side})",
            "Which colour?",
            "The blue one.",
            "Blue, please.",
            "We also have green.",
            "I am checking.",
            "Are you there?",
        ]
    )
    # Each side's own lines stand in the order in which they were typed.
    assert stored.index("The blue one.") < stored.index("Blue, please.") < stored.index("Are you there?")
    assert stored.index("We also have green.") < stored.index("I am checking.")
    _same_everywhere(sarah, visitor, column, stored)
    people.check(chat_site)


def test_a_visitor_who_leaves_gets_the_answer_by_mail_once_the_address_is_proved(
    chat_site: Site, open_page: OpenPage
) -> None:
    say, address = words.pages("en"), "ottoline@hedgerow.example"
    sarah = _agent(open_page(**DESK), chat_site, "sarah")
    visitor = Visitor(open_page(), chat_site, "en")
    visitor.open_chat()
    visitor.say("Can you engrave a casserole lid?")
    column = sarah.accept("Can you engrave a casserole lid?")
    visitor.frame.get_by_label(visitor.words("email")).fill(address)
    visitor.frame.get_by_role("textbox", name=re.compile(visitor.words("name"))).fill("Ottoline Finchley")
    visitor.button("save").click()
    expect(visitor.thread.get_by_text(visitor.words("identified", email=address))).to_be_visible()
    proof = letters.wait(chat_site, address, "/my/prove/")
    visitor.page.context.close()

    sarah.answer("Let me ask the workshop.")
    expect(column.get_by_text("Let me ask the workshop.")).to_be_visible()
    time.sleep(UNSEEN_SECONDS + 2)
    assert len(letters.sent(chat_site, address)) == 1, "nothing but the link goes to an address that is only claimed"

    page = open_page()
    page.goto(letters.link(proof, chat_site, "/en/my/prove/"))
    page.get_by_role("button", name=say("It was me: confirm")).click()
    expect(page.get_by_role("heading", level=1, name=say("Your address is confirmed"))).to_be_visible()

    # What waited for the proof leaves now, and so does what is said from here on.
    letters.wait(chat_site, address, "Let me ask the workshop.")
    sarah.answer("They can, it takes a week.")
    answer = letters.wait(chat_site, address, "They can, it takes a week.")
    assert len(letters.sent(chat_site, address)) == 3
    told = letters.pipe(
        chat_site, letters.answer(answer, f"Ottoline Finchley <{address}>", "Then please do."), _mailbox(chat_site)
    )
    assert told["outcome"] == "message", told
    expect(column.get_by_text("Then please do.")).to_be_visible(timeout=SOON)
    ticket = sarah.chat
    found = sarah.get(f"tickets/{ticket}/")
    assert (found["number"], found["requester"]["name"]) == (told["ticket"], "Ottoline Finchley")
    assert [row["channel"] for row in sarah.messages(ticket)] == ["chat", "chat", "chat", "email"]
    people.check(chat_site)


def test_with_nobody_there_no_chat_is_offered_and_the_text_becomes_a_request(
    chat_site: Site, open_page: OpenPage
) -> None:
    sarah = _agent(open_page(**DESK), chat_site, "sarah")
    visitor, other = Visitor(open_page(), chat_site, "en"), Visitor(open_page(), chat_site, "en")
    other.open()
    expect(other.way("chat")).to_be_visible()
    visitor.open_chat()
    visitor.box.fill("My invoice shows the wrong address.")
    sarah.be("away")
    expect(other.way("chat")).to_have_count(0, timeout=SOON)
    expect(other.frame.get_by_text(_closed(visitor))).to_be_visible()

    # Whoever had begun to write finds his words in the form.
    expect(visitor.button("formSend")).to_be_visible(timeout=SOON)
    box = visitor.frame.get_by_role("textbox", name=visitor.words("message"), exact=True)
    expect(box).to_have_value("My invoice shows the wrong address.")
    visitor.button("formSend").click()
    expect(visitor.frame.get_by_text(visitor.words("emailBad"))).to_be_visible()
    visitor.frame.get_by_label(visitor.words("email")).fill("barnaby@quillfeather.example")
    visitor.frame.get_by_role("textbox", name=re.compile(visitor.words("name"))).fill("Barnaby Quill")
    visitor.button("formSend").click()
    expect(visitor.frame.get_by_role("heading", name=visitor.words("formDone"))).to_be_visible()
    number = re.search(r"\d+", visitor.frame.locator(".reference").inner_text())
    assert number
    found = next(row for row in sarah.get(f"tickets/?q={number[0]}")["results"] if row["number"] == number[0])
    assert (found["queue"]["slug"], found["status"], found["preview"]) == (
        "billing",
        "new",
        "My invoice shows the wrong address.",
    )
    assert found["requester"]["name"] == "Barnaby Quill"
    sarah.be("available")


# --- steps -----------------------------------------------------------------------------------------------------------
def _agent(page: Page, site: Site, name: str) -> Agent:
    agent = Agent(page, site, name)
    agent.come_to_chats()
    return agent


def _write(visitor: Visitor, text: str) -> None:
    visitor.box.fill(text)
    visitor.box.press("Enter")


def _closed(visitor: Visitor) -> re.Pattern[str]:
    """What stands there instead: since nobody is free, or until the desk opens, in the visitor's own time."""
    until = re.escape(visitor.words("closedUntil")).replace(re.escape("{when}"), ".+")
    return re.compile(f"^({re.escape(visitor.words('closed'))}|{until})$")


def _ear(visitor: Visitor) -> list[str]:
    """Everything that comes to the visitor's browser by socket or call."""
    heard: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: heard.append(str(payload)))

    visitor.page.on("websocket", listen)
    visitor.page.on("response", lambda answer: heard.append(answer.text()) if "/api/v1/chat/" in answer.url else None)
    return heard


def _stored(agent: Agent) -> list[str]:
    """The public lines in the one order of the database."""
    return [row["body"] for row in agent.messages(agent.chat) if row["kind"] == "public"]


def _same_everywhere(agent: Agent, visitor: Visitor, column: Locator, said: list[str]) -> None:
    """Both screens and the database hold the same lines once, in one order."""
    rows = agent.messages(agent.chat)
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert _stored(agent) == said
    expect(visitor.thread.locator(".bubble")).to_have_text(said)
    expect(column.locator("article:not(.note) p.text")).to_have_text(said)


def _mailbox(site: Site) -> str:
    return str(site.demo["mailboxes"][0])
