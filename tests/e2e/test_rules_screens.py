"""The rules on the screen: a supervisor changes one, sees last week with it, publishes it, takes it back; and by keys alone."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.e2e import talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

Check = Callable[[Page], None]


def test_a_supervisor_changes_a_rule_sees_last_week_publishes_and_takes_it_back(
    own_site: Site, open_page: OpenPage, axe: Check
) -> None:
    before = _ask(own_site, "Une hirondelle", "Mon hirondelle a perdu une plume.")
    bob = _bob(own_site, open_page)
    page, words, live = bob.page, bob.words, bob.get("rules/")
    number = live["live"]["number"]
    rule = next(row for row in live["results"] if row["actions"].get("queue", "") not in ("", before["queue"]["slug"]))

    bob.go("rules")
    page.get_by_role("button", name=rule["name"], exact=True).click()
    box = _row(page, rule).get_by_role("textbox", name=words("conditions.value")).first
    box.press("Control+End")
    box.type(", hirondelle")
    expect(page.get_by_text(words("draftBar.draft", number=number))).to_be_visible()
    expect(page.get_by_text(words("draftBar.saved", name=bob.full_name, ago="").rstrip(", "))).to_be_visible()
    assert _place(bob, "hirondelle", "live") == before["queue"]["slug"]

    page.get_by_label(words("newTicket.subject")).fill("HIRONDELLE")
    bob.button("rules.run").click()
    panel = page.get_by_role("tabpanel")
    expect(panel.locator("mark")).to_have_text(["HIRONDELLE"])
    found = words("why.foundHow", term="«\u00a0hirondelle\u00a0»", text="HIRONDELLE", how=words("how.case"))
    expect(panel.get_by_text(found).first).to_be_visible()
    bob.button("saveTest.start").click()
    bob.button("saveTest.save").click()
    expect(page.get_by_text(words("saveTest.saved", name="HIRONDELLE")).first).to_be_visible()
    axe(page)

    page.get_by_role("tab", name=words("tryPanel.past")).click()
    bob.button("backtest.run").click()
    expect(panel.get_by_text(re.compile(r"^1 demande sur \d+ aurait été traitée autrement"))).to_be_visible()
    expect(panel.get_by_role("link", name=re.compile(f"#{before['number']} "))).to_be_visible()
    axe(page)

    page.get_by_role("button", name=re.compile(f"^{words('draftBar.publish')}")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("ins").filter(has_text="hirondelle")).to_have_count(1)
    dialog.get_by_role("button", name=words("publish.go"), exact=True).click()
    expect(dialog.get_by_text(words("publish.needNote"))).to_be_visible()
    dialog.get_by_label(words("publish.note")).fill("Les hirondelles y vont aussi")
    axe(page)
    dialog.get_by_role("button", name=words("publish.go"), exact=True).click()
    expect(page.get_by_text(words("draftBar.live", number=number + 1)).first).to_be_visible()
    assert _ask(own_site, "Encore une hirondelle", "Bonjour.")["queue"]["slug"] == rule["actions"]["queue"]

    page.get_by_role("button", name=words("action.undo"), exact=True).last.click()
    expect(page.get_by_text(words("draftBar.live", number=number + 2)).first).to_be_visible()
    assert _ask(own_site, "Une autre hirondelle", "Bonjour.")["queue"]["slug"] == before["queue"]["slug"]
    assert bob.get("rules/")["results"][rule["position"] - 1]["conditions"] == rule["conditions"]

    bob.button("draftBar.history").click()
    expect(dialog.get_by_text("Les hirondelles y vont aussi")).to_be_visible()
    expect(dialog.get_by_text(words("history.restored", number=number))).to_be_visible()
    dialog.get_by_text(words("history.showChanges")).nth(1).click()
    expect(dialog.locator("ins").filter(has_text="hirondelle")).to_have_count(1)
    axe(page)


def test_rules_are_put_in_order_by_keys_alone_and_back_again_and_dragged(
    own_site: Site, open_page: OpenPage, axe: Check
) -> None:
    bob = _bob(own_site, open_page)
    page, words = bob.page, bob.words
    names = [rule["name"] for rule in bob.get("rules/")["results"]]
    bob.go("rules")
    expect(page.locator("[data-rule] h2")).to_have_text([re.compile(re.escape(name)) for name in names])
    grip = page.get_by_role("button", name=words("ruleRow.grip", name=names[1], position=2))
    grip.focus()
    page.keyboard.press("ArrowUp")
    moved = [names[1], names[0], *names[2:]]
    expect(page.locator("[data-rule] h2")).to_have_text([re.compile(re.escape(name)) for name in moved])
    expect(page.get_by_role("button", name=words("ruleRow.grip", name=names[1], position=1))).to_be_focused()
    expect(page.get_by_text(words("ruleList.moved", name=names[1], position=1, count=len(names))).first).to_be_visible()
    expect(page.get_by_text(words("draftBar.saved", name=bob.full_name, ago="").rstrip(", "))).to_be_visible()
    assert [rule["name"] for rule in bob.get("rules/draft/")["rules"]] == moved
    assert [rule["name"] for rule in bob.get("rules/")["results"]] == names
    axe(page)

    page.keyboard.press("End")
    expect(page.locator("[data-rule] h2").last).to_contain_text(names[1])
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("[data-rule] h2")).to_have_text([re.compile(re.escape(name)) for name in names])

    rows = page.locator("[data-rule]")
    rows.nth(0).locator(".grip").drag_to(rows.nth(2))
    dragged = [names[1], names[2], names[0], *names[3:]]
    expect(page.locator("[data-rule] h2")).to_have_text([re.compile(re.escape(name)) for name in dragged])


def test_a_fact_of_a_ticket_says_who_set_it_and_the_account_shows_the_words(
    own_site: Site, open_page: OpenPage, axe: Check
) -> None:
    ticket = _ask(own_site, "Ma batterie", "Elle est gonflée et de la FUMEE en sort.")
    bob = _bob(own_site, open_page)
    page, words = bob.page, bob.words
    bob.go(f"inbox/all/{ticket['id']}")
    fact = page.get_by_role("button", name=re.compile(f"^{words('ticket.priority')}"))
    expect(fact).to_be_visible()
    fact.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    tip = page.get_by_role("tooltip").filter(visible=True)
    expect(tip).to_contain_text("« FUMEE »")
    expect(tip).to_contain_text("Le danger d'abord")
    axe(page)
    page.keyboard.press("Escape")
    expect(tip).to_have_count(0)

    bob.button("ticket.why").click()
    expect(bob.why.locator("mark")).to_have_text(["FUMEE"])
    expect(bob.why.locator("dd").first).to_contain_text("Le danger d'abord")
    axe(page)
    bob.why.get_by_role("tab", name=words("why.agent")).click()
    expect(bob.why.get_by_role("tabpanel").locator("p").first).to_be_visible()
    axe(page)


# --- who and what ------------------------------------------------------------------------------------------------------
def _bob(site: Site, open_page: OpenPage) -> Agent:
    """The supervisor, whose console speaks French."""
    assert talk.call("PATCH", f"{site.url}/api/v1/me/", {"locale": "fr"}, token=talk.token(site, "bob")).status == 200
    bob = Agent(open_page(viewport={"width": 1440, "height": 900}), site, "bob")
    bob.sign_in()
    return bob


def _ask(site: Site, subject: str, body: str) -> dict[str, Any]:
    who = {"name": "Zoé", "email": f"{uuid.uuid4().hex[:8]}@customers.example"}
    made = talk.call(
        "POST",
        f"{site.url}/api/v1/tickets/",
        {"subject": subject, "body": body, "requester": who},
        token=talk.token(site, "admin"),
    )
    assert made.status == 201, made
    found: dict[str, Any] = made.content
    return found


def _place(agent: Agent, subject: str, against: str) -> str:
    told = talk.call(
        "POST",
        f"{agent.site.url}/api/v1/rules/test/",
        {"subject": subject, "body": "", "against": against},
        token=agent.token,
    )
    slug: str = told.content["queue"]["slug"]
    return slug


def _row(page: Page, rule: dict[str, Any]) -> Locator:
    return page.locator("[data-rule]").filter(has=page.get_by_role("button", name=rule["name"], exact=True))
