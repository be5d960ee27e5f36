"""Mail at the desk: what was held back, what leaves and what does not, where it may belong, and a mailbox that fails."""

import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import letters, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Mould, Site

Check = Callable[[Page], None]
SUPPORT = "support@marlotte-finch.example"


@pytest.fixture(scope="module")
def post(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running product that holds every answer for some seconds and lets screens reach this machine."""
    extra = {"UNSEND_SECONDS": "12", "MAIL_NETWORKS": "127.0.0.0/8"}
    with mould.cast(tmp_path_factory.mktemp("post") / "var", **extra) as running:
        yield running


def _newsletter(site: Site, subject: str) -> None:
    sender = f"{uuid.uuid4().hex[:8]}@letters.example"
    told = letters.pipe(
        site, letters.write(sender, SUPPORT, subject, "Buy this.", List_Id="<n.letters.example>"), SUPPORT
    )
    assert told["outcome"] == "quarantined", told


def _held(agent: Agent, word: str) -> dict[str, str]:
    """What the server holds, by subject."""
    return {row["subject"]: row["outcome"] for row in agent.get(f"quarantine/?q={word}")["results"]}


def _ticket(site: Site, body: str, subject: str = "A question", sender: str = "") -> tuple[int, str]:
    address = sender or f"{uuid.uuid4().hex[:8]}@kunde.example"
    told = letters.pipe(site, letters.write(f"Kim Kunde <{address}>", SUPPORT, subject, body), SUPPORT)
    assert told["outcome"] == "ticket", told
    return int(told["ticket"]), address


def _desk(open_page: OpenPage, site: Site, name: str = "admin", **options: Any) -> Agent:
    agent = Agent(open_page(**options), site, name)
    agent.sign_in()
    return agent


def test_quarantine_in_bulk_by_keyboard_with_undo(post: Site, open_page: OpenPage, axe: Check) -> None:
    word = f"ziel{uuid.uuid4().hex[:6]}"
    subjects = [f"{word} {letter}" for letter in "abc"]
    for subject in subjects:
        _newsletter(post, subject)
    bob = _desk(open_page, post)
    page = bob.page
    bob.go(f"settings/quarantine?q={word}")
    rows = page.locator("li", has=page.locator("[data-mail]"))
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(bob.get(f"quarantine/?q={word}")["results"][0]["reason_text"])
    axe(page)

    page.keyboard.press("j")
    expect(page.locator("[data-mail]").first).to_be_focused()
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(page.get_by_text(bob.words("quarantine.chosen", count=2))).to_be_visible()
    page.get_by_role("toolbar").get_by_role("button", name=bob.words("quarantine.act.delete")).click()
    expect(rows.filter(has_text=bob.words("quarantine.became.deleted"))).to_have_count(2)
    assert _held(bob, word) == {subjects[0]: "quarantined"}
    axe(page)

    page.keyboard.press("Control+z")
    expect(rows.filter(has_text=bob.words("quarantine.became.deleted"))).to_have_count(0)
    assert _held(bob, word) == dict.fromkeys(subjects, "quarantined")

    page.get_by_role("checkbox", name=bob.words("quarantine.chooseAll")).check()
    page.get_by_role("toolbar").get_by_role("button", name=bob.words("quarantine.act.release"), exact=True).click()
    released = rows.filter(has_text=bob.words("quarantine.became.ticket"))
    expect(released).to_have_count(3)
    expect(released.first.get_by_role("link")).to_have_attribute("href", re.compile(r"/desk/inbox/all/\d+$"))
    assert _held(bob, word) == {}
    axe(page)

    page.keyboard.press("Control+z")
    expect(released).to_have_count(0)
    expect(page.get_by_text(bob.words("quarantine.said.take_back", count=3)).first).to_be_visible()
    assert _held(bob, word) == dict.fromkeys(subjects, "quarantined")


def test_a_held_mail_is_read_as_text_alone(post: Site, open_page: OpenPage, axe: Check) -> None:
    word = f"html{uuid.uuid4().hex[:6]}"
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{word}@letters.example", SUPPORT, word
    mail["List-Id"] = "<n.letters.example>"
    mail.set_content("<p>Read <b>this</b><script>alert(1)</script><img src='http://127.0.0.1:9/x.png'></p>", "html")
    letters.pipe(post, mail.as_bytes(), SUPPORT)
    bob = _desk(open_page, post)
    bob.go(f"settings/quarantine?q={word}")
    bob.page.locator("[data-mail]").first.click()
    text = bob.page.get_by_role("region", name=bob.words("quarantine.text"))
    expect(text).to_have_text("Read this")
    assert text.locator("*").count() == 0
    axe(bob.page)
    with bob.page.expect_download() as saved:
        bob.page.get_by_role("link", name=re.compile(bob.words("mail.raw"))).click()
    assert saved.value.path().read_bytes() == mail.as_bytes()


def test_the_connection_test_speaks_beside_the_field(post: Site, open_page: OpenPage, axe: Check) -> None:
    """Nobody listens at that port: the field says so, nothing is stored, and what was typed stays."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = taken.getsockname()[1]
    admin = _desk(open_page, post)
    page = admin.page
    admin.go("settings/mailboxes/new")
    address = f"{uuid.uuid4().hex[:8]}@acme.example"
    page.get_by_label(admin.words("mailbox.address")).fill(address)
    incoming = page.get_by_role("group", name=admin.words("mailbox.imap"))
    incoming.get_by_label(admin.words("mailbox.host"), exact=True).fill("127.0.0.1")
    incoming.get_by_label(admin.words("mailbox.port")).fill(str(closed))
    incoming.get_by_label(admin.words("mailbox.user")).fill("support")
    incoming.get_by_label(admin.words("mailbox.secret")).fill("not the real one")
    admin.button("mailbox.test").click()
    expect(page.get_by_text(admin.words("mailbox.testWrong"))).to_be_visible(timeout=40_000)
    said = page.locator("#imap-host-said .error")
    expect(said).to_be_visible()
    expect(page.locator("#imap-host")).to_have_attribute("aria-invalid", "true")
    axe(page)
    assert address not in [row["address"] for row in admin.get("mailboxes/")["results"]]
    expect(page.locator("#imap-secret")).to_have_value("not the real one")

    page.locator("#imap-host").fill("")
    page.locator("#imap-secret").fill("")
    admin.button("settings.save").click()
    expect(page.get_by_role("heading", level=1, name=address)).to_be_visible()
    expect(page.get_by_role("region", name=admin.words("mailbox.checklist"))).to_be_visible()
    stored = {row["address"]: row for row in admin.get("mailboxes/")["results"]}[address]
    assert stored["imap"]["host"] == ""
    axe(page)


def test_a_wrong_mailbox_is_refused_and_keeps_what_was_typed(post: Site, open_page: OpenPage, axe: Check) -> None:
    admin = _desk(open_page, post)
    admin.go("settings/mailboxes/new")
    admin.page.get_by_label(admin.words("mailbox.address")).fill(SUPPORT)
    admin.page.get_by_label(admin.words("mailbox.name")).fill("The second one")
    admin.button("settings.save").click()
    summary = admin.page.get_by_role("alert").filter(has_text=admin.words("mailbox.notSaved"))
    expect(summary).to_be_focused()
    axe(admin.page)
    summary.get_by_role("link").first.click()
    expect(admin.page.get_by_label(admin.words("mailbox.address"))).to_be_focused()
    expect(admin.page.get_by_label(admin.words("mailbox.name"))).to_have_value("The second one")


def test_an_answer_is_unsent_and_nobody_gets_it(post: Site, open_page: OpenPage, axe: Check) -> None:
    number, customer = _ticket(post, "Where is my order?")
    agent = _desk(open_page, post)
    agent.go(f"inbox/all/{number}")
    agent.box.fill("I should not have said this.")
    agent.page.keyboard.press("Control+Enter")
    unsend = agent.thread.get_by_role("button", name=agent.words("mail.unsend"))
    expect(unsend).to_be_visible()
    axe(agent.page)
    unsend.click()
    expect(agent.box).to_have_value("I should not have said this.")
    expect(agent.thread).to_contain_text(agent.words("mail.takenBack", name=agent.full_name))
    axe(agent.page)
    time.sleep(14)
    assert [mail for mail in letters.sent(post, customer) if "should not" in letters.text(mail)] == []

    agent.box.fill("Your order arrives tomorrow.")
    agent.page.keyboard.press("Control+Enter")
    letters.wait(post, customer, "arrives tomorrow")
    expect(agent.thread).to_contain_text(agent.words("thread.mailed"), timeout=20_000)


def test_copies_are_shown_and_changed_before_sending(post: Site, open_page: OpenPage, axe: Check) -> None:
    mail = EmailMessage()
    sender, friend = (f"{uuid.uuid4().hex[:8]}@kunde.example" for _ in range(2))
    mail["From"], mail["To"], mail["Cc"] = sender, SUPPORT, f"Paul Pote <{friend}>"
    mail["Subject"] = "For both of us"
    mail.set_content("Please answer both of us.")
    number = int(letters.pipe(post, mail.as_bytes(), SUPPORT)["ticket"])
    agent = _desk(open_page, post)
    agent.go(f"inbox/all/{number}")
    offer = agent.page.get_by_role("button", name=agent.words("mail.offer", name=f"Paul Pote <{friend}>"))
    offer.click()
    copies = agent.page.get_by_role("list", name=agent.words("mail.cc"))
    expect(copies).to_contain_text("Paul Pote")
    agent.page.get_by_role("button", name=re.compile(agent.words("mail.addCc"))).click()
    field = agent.page.get_by_label(agent.words("mail.addCc"))
    field.fill("nobody@")
    field.press("Enter")
    wrong = agent.words("mail.noAddress", text="nobody@")
    expect(agent.page.get_by_role("alert").filter(has_text=wrong)).to_be_visible()
    expect(field).to_have_value("nobody@")
    axe(agent.page)
    field.press("Escape")
    agent.box.fill("To the two of you.")
    agent.page.keyboard.press("Control+Enter")
    left = letters.wait(post, sender, "two of you")
    assert friend in str(left["Cc"])
    answer = agent.get(f"tickets/{number}/messages/")["results"][-1]
    assert {row["address"]: row["kind"] for row in answer["deliveries"]} == {sender: "to", friend: "cc"}


def test_a_bounce_is_shown_on_the_answer_that_bounced(post: Site, open_page: OpenPage, axe: Check) -> None:
    number, customer = _ticket(post, "Please write to me.")
    agent = _desk(open_page, post)
    where = f"{post.url}/api/v1/tickets/{number}/messages/"
    body = {"kind": "public", "body": "Here is your answer.", "origin_id": str(uuid.uuid4())}
    assert talk.call("POST", where, body, token=agent.token).status == 201
    left = letters.wait(post, customer, "Here is your answer.")
    told = letters.pipe(post, _bounce_of(left, customer), SUPPORT)
    assert told["outcome"] != "failed", told
    agent.go(f"inbox/all/{number}")
    failure = agent.thread.get_by_text(agent.words("thread.undelivered", address=customer))
    expect(failure).to_be_visible()
    expect(agent.thread).to_contain_text(agent.words("mail.advice.correct"))
    expect(agent.thread.get_by_role("button", name=agent.words("mail.again"))).to_be_visible()
    axe(agent.page)


def _bounce_of(mail: EmailMessage, customer: str) -> bytes:
    """What another server says when an address does not exist there (RFC 3464)."""
    lines = [
        "From: Mail Delivery System <MAILER-DAEMON@kunde.example>",
        f"To: {SUPPORT}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Message-ID: <{uuid.uuid4()}@kunde.example>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "User unknown",
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; kunde.example",
        "",
        f"Final-Recipient: rfc822; {customer}",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown",
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {mail['Message-ID']}",
        f"To: {customer}",
        "",
        "--b--",
        "",
    ]
    return "\r\n".join(lines).encode()


def test_a_mail_that_names_another_ticket_is_moved_by_one_click(post: Site, open_page: OpenPage, axe: Check) -> None:
    first, _customer = _ticket(post, "The kettle leaks.", "My kettle")
    other, _stranger = _ticket(post, "Any news about our kettle?", f"Re: My kettle [#{first}]")
    agent = _desk(open_page, post)
    agent.go(f"inbox/all/{other}")
    hint = agent.page.get_by_role("region", name=agent.words("mail.hint.label"))
    expect(hint).to_contain_text(agent.words("mail.hint.may", number=first))
    axe(agent.page)
    assert len(agent.get(f"tickets/{first}/messages/")["results"]) == 1
    hint.get_by_role("button", name=agent.words("mail.hint.confirm", number=first)).click()
    expect(agent.page).to_have_url(re.compile(rf"/desk/inbox/all/{first}$"))
    expect(agent.thread).to_contain_text("Any news about our kettle?")


def test_a_page_mail_shows_its_pictures_folds_its_history_and_asks_nobody(
    post: Site, open_page: OpenPage, axe: Check
) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{uuid.uuid4().hex[:8]}@kunde.example", SUPPORT, "With a picture"
    mail.set_content("See here.\n\nOn Mon, 3 Nov 2026 at 10:00, Support <s@x.example> wrote:\n> Old words\n")
    mail.add_alternative(
        '<p>See here.</p><img src="cid:foto@x"><img src="http://127.0.0.1:9/spy.png">'
        "<div>On Mon, 3 Nov 2026 at 10:00, Support &lt;s@x.example&gt; wrote:</div><blockquote>Old words</blockquote>",
        "html",
    )
    picture = (Path(__file__).parents[2] / "docs/screenshots/why.png").read_bytes()
    mail.get_payload()[1].add_related(picture, "image", "png", cid="<foto@x>", filename="foto.png")  # type: ignore[union-attr, index]
    number = int(letters.pipe(post, mail.as_bytes(), SUPPORT)["ticket"])
    agent = _desk(open_page, post)
    agent.go(f"inbox/all/{number}")
    frame = agent.page.frame_locator("iframe.mail")
    expect(frame.get_by_text("See here.")).to_be_visible()
    expect(frame.get_by_text("Old words")).to_be_hidden()
    assert frame.locator("img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert frame.locator("img[data-remote-src]").evaluate("image => image.hasAttribute('src')") is False
    axe(agent.page)
    frame.get_by_text(agent.words("thread.quoted")).click()
    expect(frame.get_by_text("Old words")).to_be_visible()
    agent.button("mail.showRemote").click()
    expect(frame.locator("img[data-remote-src]")).to_have_attribute("src", re.compile(r"/messages/1/images/0/$"))


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("fr", 390, "dark"), ("en", 390, "light"), ("fr", 1440, "light")]
)
def test_settings_pages_hold_in_every_look(
    language: str, width: int, scheme: str, post: Site, open_page: OpenPage, axe: Check
) -> None:
    name = {"en": "bob", "fr": "admin"}[language]
    agent = _desk(open_page, post, name, viewport={"width": width, "height": 844}, color_scheme=scheme)
    _newsletter(post, f"look {uuid.uuid4().hex[:6]}")
    person = agent.get("me/")["id"]
    pages = ["settings", "settings/quarantine", "settings/team", f"settings/team/{person}", "settings/queues"]
    if name == "admin":
        pages += ["settings/mailboxes", "settings/mailboxes/1", "settings/mailboxes/new", "settings/hours"]
    for path in pages:
        agent.go(path)
        expect(agent.page.locator("main h1:visible").first).to_be_visible()
        expect(agent.page.locator(".skeleton")).to_have_count(0)
        wide = agent.page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        axe(agent.page)
