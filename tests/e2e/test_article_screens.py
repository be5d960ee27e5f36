"""An article on its way through the console: written, handed in, published, compared with what it said before, read."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

Check = Callable[[Page], None]
NEW = "Descale it with lemon juice, too."


def _at(open_page: OpenPage, site: Site, name: str) -> Agent:
    agent = Agent(open_page(), site, name)
    agent.sign_in()
    return agent


def test_an_article_is_written_reviewed_published_and_compared(site: Site, open_page: OpenPage, axe: Check) -> None:
    alice, bob = _at(open_page, site, "alice"), _at(open_page, site, "bob")
    found = alice.get("knowledge/articles/?language=en&q=kettle")["results"]
    kettle = next(row for row in found if row["slug"] == "descale-the-kettle")

    alice.go("articles?language=en")
    link = alice.page.get_by_role("link", name=kettle["title"], exact=True)
    expect(link).to_be_visible()
    axe(alice.page)
    link.click()
    body = alice.page.get_by_label(alice.words("knowledge.body"))
    body.fill(f"{body.input_value()}\n\n{NEW}")
    alice.button("knowledge.submit").click()
    expect(alice.page.get_by_text(alice.words("knowledge.states.review")).first).to_be_visible()
    expect(alice.page.get_by_role("button", name=alice.words("knowledge.publish"))).to_have_count(0)
    axe(alice.page)

    bob.go("articles?view=work")
    bob.page.get_by_role("link", name=kettle["title"], exact=True).first.click()
    bob.button("knowledge.publish").click()
    dialog = bob.page.get_by_role("dialog")
    dialog.get_by_role("radio", name=re.compile(f"^{re.escape(bob.words('knowledge.changes.minor'))}")).check()
    axe(bob.page)
    dialog.get_by_role("button", name=bob.words("knowledge.publishNow")).click()
    expect(dialog).to_have_count(0)
    versions = bob.page.get_by_role("region", name=bob.words("knowledge.versions"))
    expect(versions.get_by_role("listitem")).to_have_count(2)
    versions.get_by_role("button").last.click()
    expect(bob.page.get_by_role("dialog").locator("ins", has_text=NEW)).to_be_visible()
    axe(bob.page)

    reader = open_page()
    reader.goto(f"{site.url}{kettle['url']}")
    expect(reader.get_by_text(NEW)).to_be_visible()
