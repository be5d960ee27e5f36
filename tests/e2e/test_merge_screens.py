"""Two requests of one person become one, and two again, without a pointer; what may have been asked already is shown."""

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e import letters
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

SUPPORT = "support@marlotte-finch.example"
Check = Callable[[Page], None]


def test_two_requests_become_one_by_keys_and_two_again(site: Site, open_page: OpenPage, axe: Check) -> None:
    sender, word = f"{uuid.uuid4().hex[:8]}@kunde.example", uuid.uuid4().hex[:6]
    first, second = (
        int(
            letters.pipe(site, letters.write(sender, SUPPORT, f"Saddle {word} {nth}", f"It creaks, {nth}."), SUPPORT)[
                "ticket"
            ]
        )
        for nth in ("one", "two")
    )
    agent = Agent(open_page(), site, "admin")
    agent.sign_in()
    agent.go(f"inbox/all/{second}")
    page, words = agent.page, agent.words
    expect(agent.thread).to_contain_text("It creaks, two.")
    agent.button("ticket.more").press("Enter")
    page.get_by_role("menuitem", name=words("ticket.merge")).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile(f"Saddle {word} one")).press("Space")
    merge = dialog.get_by_role("button", name=words("merge.do", number=first), exact=True)
    expect(merge).to_be_enabled()
    axe(page)
    dialog.get_by_role("button", name=words("merge.swap", number=second)).press("Enter")
    expect(dialog.get_by_role("button", name=words("merge.do", number=second), exact=True)).to_be_enabled()
    dialog.get_by_role("button", name=words("merge.swap", number=first)).press("Enter")
    page.set_viewport_size({"width": 390, "height": 780})
    expect(merge).to_be_enabled()
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    merge.press("Enter")
    expect(page).to_have_url(re.compile(rf"/{first}$"))
    expect(agent.thread).to_contain_text("It creaks, two.")
    expect(agent.thread.get_by_role("link", name=words("thread.from", number=second))).to_be_visible()
    assert agent.get(f"tickets/{second}/")["merged_into"] == first
    agent.go(f"inbox/all/{second}")
    notice = page.get_by_role("group", name=words("merged.title", number=first))
    expect(notice).to_be_visible()
    axe(page)
    notice.get_by_role("button", name=words("merged.undo"), exact=True).press("Enter")
    expect(notice).to_be_hidden()
    assert agent.get(f"tickets/{second}/")["merged_into"] is None
    agent.go(f"inbox/all/{first}")
    expect(agent.thread).to_contain_text("It creaks, one.")
    expect(agent.thread).not_to_contain_text("It creaks, two.")


def test_a_request_waits_for_another_by_keys_and_no_longer(site: Site, open_page: OpenPage, axe: Check) -> None:
    sender, word = f"{uuid.uuid4().hex[:8]}@kunde.example", uuid.uuid4().hex[:6]
    first, second = (
        letters.pipe(site, letters.write(sender, SUPPORT, f"Lamp {word} {nth}", "It flickers."), SUPPORT)["ticket"]
        for nth in ("one", "two")
    )
    agent = Agent(open_page(), site, "admin")
    agent.sign_in()
    agent.go(f"inbox/all/{second}")
    page, words = agent.page, agent.words
    linked = page.get_by_role("region", name=words("links.title"))
    linked.get_by_role("button", name=words("links.add"), exact=True).press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile(f"Lamp {word} one")).press("Space")
    dialog.get_by_role("combobox").select_option("blocked_by")
    axe(page)
    dialog.get_by_role("button", name=words("links.do"), exact=True).press("Enter")
    link = linked.get_by_role("link", name=f"#{first} Lamp {word} one")
    expect(link).to_be_visible()
    hint = page.get_by_role("note").filter(has_text=words("ticket.waitsFor"))
    expect(hint.get_by_role("link", name=f"#{first}", exact=True)).to_be_visible()
    axe(page)
    linked.get_by_role("button", name=words("links.drop", number=first), exact=True).press("Enter")
    expect(link).to_be_hidden()
    expect(hint).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(link).to_be_visible()


def test_what_may_have_been_asked_already_is_shown_while_a_ticket_is_written(site: Site, open_page: OpenPage) -> None:
    sender = f"{uuid.uuid4().hex[:8]}@kunde.example"
    raw = letters.write(sender, SUPPORT, "Pannier bracket broke", "The bracket of my left pannier broke on Monday.")
    known = letters.pipe(site, raw, SUPPORT)["ticket"]
    agent = Agent(open_page(), site, "admin")
    agent.sign_in()
    agent.go(f"inbox/all/{known}")
    agent.page.keyboard.press("c")
    form, words = agent.page.get_by_role("dialog"), agent.words
    form.get_by_label(words("newTicket.email"), exact=True).fill(sender)
    form.get_by_label(words("newTicket.subject")).fill("Bracket of the left pannier broke")
    likely = form.get_by_role("region", name=words("duplicates.heading"))
    expect(likely.get_by_role("link", name=re.compile(f"#{known} Pannier bracket broke"))).to_be_visible()
