"""The help button on a website that trusts nobody: what it weighs, what it touches, and that it works there."""

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Frame, expect

from tests.e2e import people, shop, talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Visitor
from tests.e2e.product import Site
from tests.e2e.shop import Shop, Traffic

KB = 1024
PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
# Reading any of these by a script of ours would be seen; what is shifted on the page is added up
TRAPS = """
addEventListener('securitypolicyviolation', (event) => (window.violations ||= []).push(event.violatedDirective))
window.shift = 0
new PerformanceObserver((list) =>
  list.getEntries().forEach(({value, hadRecentInput}) => (window.shift += hadRecentInput ? 0 : value)))
  .observe({type: 'layout-shift', buffered: true})
for (const [holder, name] of [[Document.prototype, 'cookie'], [Document.prototype, 'forms'], [Node.prototype, 'textContent'],
    [Element.prototype, 'innerHTML'], [HTMLInputElement.prototype, 'value']]) {
  const real = Object.getOwnPropertyDescriptor(holder, name)
  Object.defineProperty(holder, name, {...real, get() {
    const isPages = this.getRootNode() === document
    if (isPages && new Error().stack.includes('/w/')) (window.touched ||= []).push(name)
    return real.get.call(this) }})
}
"""
STORED = """async () => [document.cookie.length, localStorage.length, sessionStorage.length,
  (await indexedDB.databases()).length, (await caches.keys()).length]"""
# Where a finger or an eye would stumble on a phone
CRAMPED = """() => {
  const name = (element) => `${element.localName} ${(element.ariaLabel || element.textContent || element.id).trim().slice(0, 40)}`
  const seen = [...document.querySelectorAll('a, button, input, select, textarea, summary, label.check')].filter(
    (element) => element.checkVisibility({visibilityProperty: true}) && element.getBoundingClientRect().width > 4)
  const small = seen.filter((element) => {
    const {width, height} = (element.closest('label') ?? element).getBoundingClientRect()
    return Math.min(width, height) < 43.5 && getComputedStyle(element).display !== 'inline' })
  const fine = seen.filter((element) => ['input', 'select', 'textarea'].includes(element.localName)
    && parseFloat(getComputedStyle(element).fontSize) < 16 && !['checkbox', 'radio'].includes(element.type))
  return [...small.map((element) => 'small: ' + name(element)), ...fine.map((element) => 'fine print: ' + name(element)),
    ...(document.scrollingElement.scrollWidth > innerWidth ? ['too wide'] : []),
    ...document.getAnimations().map((one) => 'moves: ' + name(one.effect.target))] }"""


@pytest.fixture(scope="module")
def website(site: Site) -> Iterator[Shop]:
    with shop.open_shop(site) as website:
        yield website


def test_on_a_strict_page_it_is_light_reads_nothing_and_stores_nothing(
    site: Site, website: Shop, open_page: OpenPage
) -> None:
    page = open_page(locale="fr-FR")
    page.add_init_script(f"if (location.origin === '{website.url}') {{ {TRAPS} }}")
    traffic = Traffic(page)
    with talk.at_the_desk(site, "alice"):
        visitor = Visitor(page, site, "fr", at=website.url)
        expect(visitor.opener).to_be_visible(timeout=people.WAITING)
        page.wait_for_timeout(500)
        before = traffic.of(site.url)
        assert list(before) == [f"{site.url}/w/shop.js"]
        ((body, whole),) = before.values()
        assert body <= 3 * KB
        assert whole <= 6 * KB
        assert page.evaluate(STORED) == [0, 0, 0, 0, 0]

        _tab_to_the_button(visitor)
        page.keyboard.press("Enter")
        question = visitor.frame.get_by_role("searchbox", name=visitor.words("search"))
        expect(question).to_be_focused(timeout=people.WAITING)
        assert _frame(visitor).evaluate(STORED) == [0, 0, 0, 0, 0]
        assert page.context.cookies() == []

        visitor.way("chat").click()
        expect(visitor.box).to_be_focused(timeout=people.WAITING)
        weights = _all_that_came(traffic, site)
        page.keyboard.type("B")
        total = sum(body for body, _whole in weights.values())
        assert total <= 40 * KB, weights

        page.keyboard.press("Escape")
        expect(visitor.opener).to_be_focused()
        expect(visitor.box).to_be_hidden()

    assert page.evaluate("window.violations || []") == []
    assert page.evaluate("window.touched || []") == []
    assert page.evaluate("window.shift") == 0
    assert {address.split("/")[2] for address in traffic.addresses} == {
        site.url.split("/")[2],
        website.url.split("/")[2],
    }


def test_on_a_phone_a_request_is_written_gets_a_reference_and_the_browser_is_forgotten(
    site: Site, website: Shop, open_page: OpenPage
) -> None:
    page = open_page(locale="fr-FR", **PHONE)
    visitor = Visitor(page, site, "fr", at=website.url)
    say, frame = visitor.words, visitor.frame
    visitor.open()
    # It covers the window and can be closed; every screen is for fingers.
    box = page.locator("guichet-help dialog").bounding_box()
    assert box
    assert [round(box[side]) for side in ("x", "y", "width", "height")] == [0, 0, 360, 640]
    found = {"home": _cramped(visitor)}
    expect(visitor.button("close")).to_be_in_viewport()
    visitor.button("close").click()
    expect(page.locator("guichet-help dialog")).to_be_hidden()

    page.get_by_role("link", name="Une question ?").click()
    expect(visitor.box).to_be_visible(timeout=people.WAITING)
    found["form"] = _cramped(visitor)
    visitor.box.fill("Mon paiement est refusé.")
    frame.get_by_label(say("email")).fill("odette@lavande.example")
    visitor.button("formSend").click()
    expect(frame.get_by_role("heading", name=say("formDone"))).to_be_visible(timeout=people.WAITING)
    found["reference"] = _cramped(visitor)
    number = re.search(r"\d+", frame.locator(".reference").inner_text())
    assert number
    assert page.evaluate("Object.keys(localStorage)") == ["guichet:shop"]

    visitor.button("seeConversation").click()
    expect(visitor.bubble("Mon paiement est refusé.")).to_be_visible(timeout=people.WAITING)
    found["conversation"] = _cramped(visitor)
    visitor.button("back").click()
    visitor.button("privacy").click()
    visitor.button("forget").click()
    found["privacy"] = _cramped(visitor)
    visitor.button("forgetYes").click()
    told = say("forgottenStays", numbers=number[0], count=1)
    expect(frame.locator("p.notice")).to_have_text(told, timeout=people.WAITING)
    assert page.evaluate("Object.keys(localStorage)") == []
    assert {screen: faults for screen, faults in found.items() if faults} == {}


def _all_that_came(traffic: Traffic, site: Site) -> dict[str, tuple[int, int]]:
    """Once the first screen's own questions are answered too."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        weights = traffic.of(site.url)
        if all(any(path in address for address in weights) for path in ("/chat/channels/", "/articles/")):
            return weights
        traffic.page.wait_for_timeout(200)
    raise AssertionError(traffic.addresses)


def _frame(visitor: Visitor) -> Frame:
    frame = visitor.page.frame(url=re.compile("/w/shop/"))
    assert frame
    return frame


def _cramped(visitor: Visitor) -> list[str]:
    faults: list[str] = _frame(visitor).evaluate(CRAMPED)
    return faults + [f"page: {fault}" for fault in visitor.page.evaluate("document.getAnimations().map(String)")]


def _tab_to_the_button(visitor: Visitor) -> None:
    for _ in range(6):
        visitor.page.keyboard.press("Tab")
        if visitor.opener.evaluate("button => button.getRootNode().activeElement === button"):
            return
    raise AssertionError("the button is not reached by Tab")
