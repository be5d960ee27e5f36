"""Rules by the keyboard alone, from the first condition to the way back, while a colleague watches the same screen."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e import talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

Check = Callable[[Page], None]
FAR = 200


def reach(target: Locator, key: str = "Tab") -> None:
    """Go there as somebody without a mouse does, and find the focus visible."""
    page = target.page
    expect(target).to_be_visible()
    for _step in range(FAR):
        if target.evaluate("it => it === document.activeElement"):
            break
        page.keyboard.press(key)
    expect(target).to_be_focused()
    box, size = target.bounding_box(), page.viewport_size
    assert box is not None and size is not None  # noqa: PT018
    assert -1 <= box["y"] <= size["height"], "what has the focus is out of sight"


def test_a_rule_is_made_tried_published_and_taken_back_without_a_mouse_and_a_colleague_sees_it(
    own_site: Site, open_page: OpenPage, axe: Check
) -> None:
    bob, ada = _supervisor(own_site, open_page, "bob"), _supervisor(own_site, open_page, "admin")
    page, words, keys = bob.page, bob.words, bob.page.keyboard
    before = bob.get("rules/")
    number, count = before["live"]["number"], len(before["results"])
    for one in (bob, ada):
        one.go("rules")
        expect(one.page.locator("[data-rule]")).to_have_count(count)

    # A new rule: its name is chosen at once, its condition and what it does get the focus as they come
    reach(bob.button("ruleList.add"))
    keys.press("Enter")
    row = page.locator("[data-rule]").last
    expect(row.get_by_label(words("ruleEditor.name"))).to_be_focused()
    keys.type("Colibris")
    reach(row.get_by_role("button", name=words("conditions.addOne")))
    keys.press("Enter")
    expect(page.get_by_role("menuitem", name=words("conditions.add.all"))).to_be_focused()
    keys.press("Enter")
    condition = row.locator(".condition")
    expect(condition.get_by_label(words("conditions.field"))).to_be_focused()
    reach(condition.get_by_role("textbox", name=words("conditions.value")))
    keys.type("colibri*, ")
    reach(row.get_by_role("button", name=words("actions.add")))
    keys.press("Enter")
    page.get_by_role("menuitem").first.wait_for()
    keys.type(words("actions.priority")[:4])
    expect(page.get_by_role("menuitem", name=words("actions.priority"))).to_be_focused()
    keys.press("Enter")
    value = row.locator("[data-action=priority] select")
    expect(value).to_be_focused()
    keys.press("End")
    saved = words("draftBar.saved", name=bob.full_name, ago="").rstrip(", ")
    expect(page.get_by_text(saved)).to_be_visible()
    axe(page)

    # The colleague's screen shows it by itself
    told = ada.page.get_by_role("status").filter(has_text=words("draftBar.changed", name=bob.full_name))
    expect(told).to_contain_text(words("draftBar.shown"))
    expect(ada.page.locator("[data-rule]")).to_have_count(count + 1)
    expect(ada.page.locator("[data-rule] h2").last).to_contain_text("Colibris")
    axe(ada.page)
    ada.button("draftBar.seen").click()
    expect(told).to_have_count(0)

    # Tried
    reach(page.get_by_label(words("newTicket.subject")))
    keys.type("Deux COLIBRIS bleus")
    reach(bob.button("rules.run"))
    keys.press("Enter")
    expect(page.get_by_role("tabpanel").locator("mark")).to_have_text(["COLIBRIS"])
    tab = page.get_by_role("tab", name=words("tryPanel.message"))
    reach(tab, "Shift+Tab")
    keys.press("ArrowRight")
    expect(page.get_by_role("tab", name=words("tryPanel.past"))).to_be_focused()
    reach(bob.button("backtest.run"))
    keys.press("Enter")
    expect(page.get_by_role("tabpanel").get_by_text(re.compile(r"\d+ "))).not_to_have_count(0)

    # Published
    reach(page.get_by_role("button", name=re.compile(f"^{words('draftBar.publish')}")), "Shift+Tab")
    keys.press("Enter")
    dialog = page.get_by_role("dialog")
    reach(dialog.get_by_label(words("publish.note")))
    keys.type("Les colibris d'abord")
    reach(dialog.get_by_role("button", name=words("publish.go"), exact=True))
    keys.press("Enter")
    expect(dialog).to_have_count(0)
    live = words("draftBar.live", number=number + 1)
    expect(page.get_by_text(live).first).to_be_visible()
    expect(bob.button("draftBar.history")).to_be_focused()
    published = words("draftBar.published", name=bob.full_name, number=number + 1)
    expect(ada.page.get_by_role("status").filter(has_text=published)).to_be_visible()
    expect(ada.page.get_by_text(live).first).to_be_visible()

    # Taken back from the history
    keys.press("Enter")
    expect(dialog.get_by_text("Les colibris d'abord")).to_be_visible()
    reach(dialog.get_by_role("button", name=words("history.back")).first)
    keys.press("Enter")
    expect(dialog.get_by_label(words("publish.note"))).to_be_focused()
    axe(page)
    keys.press("Enter")
    expect(dialog.get_by_text(words("history.restored", number=number))).to_be_visible()
    expect(dialog.get_by_role("heading", name=words("history.version", number=number + 2))).to_be_focused()
    keys.press("Escape")
    expect(dialog).to_have_count(0)
    expect(bob.button("draftBar.history")).to_be_focused()
    expect(page.locator("[data-rule]")).to_have_count(count)
    expect(ada.page.locator("[data-rule]")).to_have_count(count)
    after = bob.get("rules/")
    assert after["live"]["number"] == number + 2
    assert [rule["name"] for rule in after["results"]] == [rule["name"] for rule in before["results"]]


def _supervisor(site: Site, open_page: OpenPage, name: str) -> Agent:
    """Somebody who may change rules, whose console speaks French."""
    token = talk.token(site, name)
    assert talk.call("PATCH", f"{site.url}/api/v1/me/", {"locale": "fr"}, token=token).status == 200
    agent = Agent(open_page(viewport={"width": 1440, "height": 900}), site, name)
    agent.sign_in()
    return agent
