"""What a desk decides on its screens: who works when, what a mail really is, what is unwanted, and words that are not lost."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import letters, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Mould, Site
from tests.mail.special import MAILS

Check = Callable[[Page], None]
SUPPORT = "support@marlotte-finch.example"


@pytest.fixture(scope="module")
def desk(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A running product whose alarm rings at the first ticket that no rule placed."""
    with mould.cast(tmp_path_factory.mktemp("desk") / "var", UNROUTED_ALARM="1") as running:
        yield running


def _at(open_page: OpenPage, site: Site, name: str, **options: Any) -> Agent:
    agent = Agent(open_page(**options), site, name)
    agent.sign_in()
    return agent


def _mail(site: Site, raw: bytes) -> int:
    told = letters.pipe(site, raw, SUPPORT)
    assert told["outcome"] in ("ticket", "message"), told
    return int(told["ticket"])


def _written(site: Site, subject: str, body: str, sender: str = "") -> int:
    return _mail(site, letters.write(sender or f"{uuid.uuid4().hex[:8]}@kunde.example", SUPPORT, subject, body))


def _in_menu(agent: Agent, key: str) -> Locator:
    """An entry of the ticket's menu, opened."""
    agent.button("ticket.more").click()
    return agent.page.get_by_role("menuitem", name=re.compile(f"^{re.escape(agent.words(key))}"))


def test_people_queues_and_hours_are_set_up_and_kept(desk: Site, open_page: OpenPage, axe: Check) -> None:
    admin = _at(open_page, desk, "admin")
    page, words = admin.page, admin.words
    sarah = next(row for row in admin.get("team/")["results"] if row["name"] == "Sarah Whitlock")
    admin.go(f"settings/team/{sarah['id']}")
    limit = page.get_by_label(words("team.ticketCapacity"))
    limit.fill("many")
    admin.button("settings.save").click()
    expect(limit).to_have_attribute("aria-invalid", "true")
    assert admin.get(f"team/{sarah['id']}/")["ticket_capacity"] is None
    limit.fill("12")
    page.get_by_role("checkbox", name=re.compile("^Vélos")).check()
    page.get_by_role("button", name=words("team.addSpan", day=words("team.day.0"))).click()
    monday = page.get_by_role("group", name=words("team.day.0"))
    monday.get_by_label(words("team.starts")).fill("09:30")
    monday.get_by_label(words("team.ends")).fill("17:00")
    axe(page)
    admin.button("settings.save").click()
    expect(page.get_by_text(words("team.saved", name=sarah["name"])).first).to_be_visible()
    stored = admin.get(f"team/{sarah['id']}/")
    assert stored["ticket_capacity"] == 12
    assert sorted(stored["skills"]) == ["bikes", "en"]
    assert stored["shifts"] == [{"weekday": 0, "starts": "09:30", "ends": "17:00"}]

    admin.go("settings/queues")
    billing = page.locator("details", has=page.locator("summary", has_text="Facturation"))
    billing.locator("summary").click()
    billing.get_by_role("radio", name=re.compile(f"^{words('queue.strategies.round_robin')}")).check()
    billing.get_by_role("checkbox", name="Remboursements").check()
    billing.get_by_label(words("queue.offer")).fill("2")
    axe(page)
    billing.get_by_role("button", name=words("settings.save")).click()
    expect(page.get_by_text(words("queue.saved", name="Facturation")).first).to_be_visible()
    kept = admin.get("queues/billing/")
    assert (kept["strategy"], kept["skills"], kept["offer_seconds"]) == ("round_robin", ["refunds"], 120)

    admin.go("settings/hours")
    admin.button("hours.new").click()
    form = page.locator("details", has=page.locator("summary", has_text=words("hours.new")))
    form.get_by_label(words("hours.name")).fill("Atelier")
    form.get_by_role("button", name=words("team.addSpan", day=words("team.day.5"))).click()
    form.get_by_label(words("hours.holidays")).fill("2026-12-26")
    form.get_by_role("button", name=words("hours.addHoliday")).click()
    axe(page)
    form.get_by_role("button", name=words("settings.save")).click()
    expect(page.locator("summary", has_text="Atelier")).to_be_visible()
    made = next(row for row in admin.get("calendars/") if row["name"] == "Atelier")
    assert ([span["weekday"] for span in made["hours"]], made["holidays"]) == ([0, 1, 2, 3, 4, 5], ["2026-12-26"])


def test_a_pasted_mail_is_tried_without_effect_and_the_alarm_says_what_no_rule_placed(
    desk: Site, open_page: OpenPage, axe: Check
) -> None:
    bob = _at(open_page, desk, "bob")
    page, words = bob.page, bob.words
    _written(desk, "Zwgqx", "Zwgqx zwgqx.")
    told = bob.get("rules/unrouted/")
    assert told["alarm"] is True
    bob.go("rules")
    line = words("unrouted.line", count=told["unplaced"], queue=told["queue"]["name"])
    expect(page.get_by_text(line)).to_be_visible()
    alarm = words("nav.unrouted", count=told["unplaced"])
    expect(page.get_by_role("navigation", name=words("nav.main")).get_by_text(alarm)).to_be_attached()

    before = bob.get("counts/")
    page.get_by_role("radio", name=words("testMessage.kinds.mail")).check()
    bob.button("rules.run").click()
    expect(page.get_by_text(words("testMessage.empty.mail"))).to_be_visible()
    raw = letters.write("Kim <kim@kunde.example>", SUPPORT, "My refund", "Where is my REFUND? I was charged twice.")
    page.get_by_label(words("testMessage.raw")).fill(raw.decode())
    bob.button("rules.run").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.locator("mark", has_text="REFUND").first).to_be_visible()
    expect(panel).to_contain_text("Billing & refunds")
    axe(page)
    assert bob.get("counts/") == before


def test_what_a_colleague_passed_on_is_opened_for_who_wrote_it(desk: Site, open_page: OpenPage, axe: Check) -> None:
    writer = f"{uuid.uuid4().hex[:8]}@kunde.example"
    body = (
        "Can you take this one?\n\n---------- Forwarded message ---------\n"
        f"From: Vera Vogel <{writer}>\nDate: Fri, 20 Nov 2026 at 10:00\nSubject: My lamp\nTo: <alice@marlotte-finch.example>\n\n"
        "The lamp of my bicycle flickers.\n"
    )
    number = _written(desk, "Fwd: My lamp", body, "Alice Moreau <alice@marlotte-finch.example>")
    bob = _at(open_page, desk, "bob")
    bob.go(f"inbox/all/{number}")
    hint = bob.page.get_by_role("region", name=bob.words("mail.hint.label"))
    expect(hint).to_contain_text(bob.words("mail.hint.forwarded", name=f"Vera Vogel <{writer}>"))
    axe(bob.page)
    assert bob.get(f"tickets/{number}/")["requester"]["email"] != writer
    hint.get_by_role("button", name=bob.words("mail.hint.openFor", name="Vera Vogel")).click()
    expect(hint).to_have_count(0)
    found = re.search(r"/inbox/all/(\d+)$", bob.page.url)
    assert found
    assert bob.get(f"tickets/{found[1]}/")["requester"]["name"] == "Vera Vogel"


def test_signed_encrypted_and_packed_mail_is_shown_as_what_it_is(desk: Site, open_page: OpenPage, axe: Check) -> None:
    bob = _at(open_page, desk, "bob")
    for name, kind, more in (
        ("winmail with files", "tnef", "Devis été.pdf"),
        ("smime encrypted", "encrypted", "smime.p7m"),
        ("pgp signed", "signed", "signature.asc"),
    ):
        number = _mail(desk, MAILS[name].replace(b"Subject:", f"X-Try: {uuid.uuid4()}\r\nSubject:".encode(), 1))
        bob.go(f"inbox/all/{number}")
        said = bob.thread.get_by_text(bob.words(f"mail.parts.{kind}"), exact=True).last
        expect(said).to_be_visible()
        expect(bob.thread).to_contain_text(more)
        axe(bob.page)


def test_spam_is_marked_and_back_and_card_numbers_are_shown_to_who_may(
    desk: Site, open_page: OpenPage, axe: Check
) -> None:
    number = _written(desk, "Paid twice", "My card is 4111 1111 1111 1111, please check.")
    alice = _at(open_page, desk, "alice")
    alice.go(f"inbox/all/{number}")
    expect(alice.thread).to_contain_text("1111")
    expect(alice.thread).not_to_contain_text("4111 1111")
    expect(alice.thread).to_contain_text(alice.words("sensitive.ask"))
    _in_menu(alice, "spam.is").click()
    expect(alice.page.get_by_text(alice.words("spam.marked")).first).to_be_visible()
    assert alice.get(f"tickets/{number}/")["status"] == "spam"
    axe(alice.page)
    alice.page.get_by_role("button", name=alice.words("spam.not"), exact=True).first.click()
    expect(alice.page.get_by_text(alice.words("spam.notSaid")).first).to_be_visible()
    assert alice.get(f"tickets/{number}/")["status"] == "open"

    bob = _at(open_page, desk, "bob")
    bob.go(f"inbox/all/{number}")
    bob.thread.get_by_role("button", name=bob.words("sensitive.show")).click()
    expect(bob.thread).to_contain_text("4111 1111 1111 1111")
    axe(bob.page)
    bob.thread.get_by_role("button", name=bob.words("sensitive.hide")).click()
    expect(bob.thread).not_to_contain_text("4111 1111")
    looked = [row for row in bob.get(f"tickets/{number}/events/") if row["name"] == "message.revealed"]
    assert [row["actor"]["name"] for row in looked] == [bob.full_name]


def test_a_suggestion_is_taken_by_one_key(desk: Site, open_page: OpenPage, axe: Check) -> None:
    bob = _at(open_page, desk, "bob")
    address = f"{desk.url}/api/v1/learning/train/"
    assert talk.call("POST", address, token=bob.token).status == 202
    # What is suggested is suggested once: by then everything must have been learned
    _until(lambda: not bob.get("learning/")["training"], seconds=240)
    in_force = [row["task"] for row in bob.get("learning/")["models"] if row["in_force"] and row["language"] == "en"]
    assert "queue" in in_force
    number = _written(
        desk,
        "Please look",
        "Hello, the bike makes a strange noise in the crank and the rear wheel rubs against the mudguard. "
        "Kettle lid is loose. Thanks",
    )
    open_ones = _until(lambda: _suggested(bob, number))
    first, count = open_ones[0], len(open_ones)
    bob.go(f"inbox/all/{number}")
    expect(bob.page.get_by_text(bob.words(f"suggest.{first['field']}", label=first["label"]))).to_be_visible()
    axe(bob.page)
    bob.page.keyboard.press("y")
    expect(bob.page.get_by_text(bob.words("suggest.accepted", label=first["label"])).first).to_be_visible()
    now = bob.get(f"tickets/{number}/")
    chosen = now["queue"]["slug"] if first["field"] == "queue" else now[first["field"]]
    assert (chosen, len(_suggested(bob, number))) == (first["value"], count - 1)


def _suggested(agent: Agent, number: int) -> list[dict[str, Any]]:
    found = agent.get(f"tickets/{number}/")["qualification"]["suggestions"]
    return [row for row in found if row["state"] == "open"]


def _until(told: Callable[[], Any], seconds: float = 60) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := told()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.3)
    return found


def test_words_outlive_a_closed_form_and_a_reload_and_copies_stay_with_them(
    desk: Site, open_page: OpenPage, axe: Check
) -> None:
    alice = _at(open_page, desk, "alice")
    page, words = alice.page, alice.words
    number = _written(desk, "For us", "Please answer.")
    alice.go(f"inbox/all/{number}")
    page.keyboard.press("c")
    form = page.get_by_role("dialog")
    form.get_by_label(words("newTicket.subject")).fill("The invoice is wrong")
    form.get_by_label(words("newTicket.name"), exact=True).fill("Théo Roux")
    form.get_by_label(words("newTicket.body")).fill("She rang: the VAT is missing.")
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    alice.go(f"inbox/all/{number}")
    page.keyboard.press("c")
    expect(form.get_by_label(words("newTicket.subject"))).to_have_value("The invoice is wrong")
    axe(page)
    form.get_by_role("button", name=words("newTicket.discard")).click()
    expect(form).to_have_count(0)
    page.get_by_role("button", name=words("action.undo"), exact=True).click()
    expect(form.get_by_label(words("newTicket.body"))).to_have_value("She rang: the VAT is missing.")
    form.get_by_role("button", name=words("newTicket.save")).click()
    expect(page).not_to_have_url(re.compile(rf"/{number}$"))
    made = alice.get(f"tickets/{page.url.rpartition('/')[2]}/")
    assert (made["subject"], made["requester"]["name"]) == ("The invoice is wrong", "Théo Roux")
    page.keyboard.press("c")
    expect(form.get_by_label(words("newTicket.subject"))).to_have_value("")
    page.keyboard.press("Escape")

    alice.go(f"inbox/all/{number}")
    page.get_by_role("button", name=re.compile(words("mail.addCc"))).click()
    field = page.get_by_label(words("mail.addCc"))
    field.fill("Paul Pote <paul@kunde.example>")
    field.press("Enter")
    where = f"tickets/{number}/draft/"
    kept = [{"name": "Paul Pote", "address": "paul@kunde.example"}]
    _until(lambda: alice.get(where)["cc"] == kept)
    page.evaluate("localStorage.clear()")
    page.reload()
    expect(page.get_by_role("list", name=words("mail.cc"))).to_contain_text("Paul Pote")

    _in_menu(alice, "ownAddress.title").click()
    own = form.get_by_label(words("ownAddress.address"))
    expect(own).to_have_value(re.compile(r"^support\+a\d+-.*@marlotte-finch\.example$"))
    axe(page)
