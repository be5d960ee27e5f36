"""What the widget costs a website and its visitors: bytes, requests, time to the button, what it holds up.

A real Chromium on profile "T" (a quarter of this processor, 1.6 Mbit/s, 150 ms away, nothing cached), the median of five;
the product behind nginx as an operator runs it, the website on an origin of its own under a strict policy. What the page
does without the widget, on the same profile, is the anchor.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.bench.figures import Figure, tell
from tests.e2e import product, shop, talk
from tests.e2e.conftest import QUIET
from tests.e2e.people import Visitor
from tests.e2e.product import Site
from tests.e2e.shop import Shop, Traffic

TIMES = 5
KB = 1024
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
# When the button can be seen, how long the page was held up, by how much anything moved
WATCH = """
window.seen = 0; window.held = 0; window.shift = 0
new PerformanceObserver((list) => list.getEntries().forEach(({duration}) => (window.held += Math.max(0, duration - 50))))
  .observe({type: 'longtask', buffered: true})
new PerformanceObserver((list) => list.getEntries().forEach(({value}) => (window.shift += value)))
  .observe({type: 'layout-shift', buffered: true})
const look = () => {
  const button = document.querySelector('guichet-help')?.shadowRoot.querySelector('button')
  if (button?.getBoundingClientRect().width) requestAnimationFrame((now) => (window.seen = now))
  else requestAnimationFrame(look) }
if (window === top) look()
"""


@contextmanager
def slow_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of a browser that has never been here, on profile T; it goes nowhere by itself."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 800})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.add_init_script(WATCH)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    yield page
    context.close()


def median(measure: Callable[[], float]) -> float:
    return statistics.median(measure() for _ in range(TIMES))


# --- before the visitor means it -------------------------------------------------------------------------------------
def loaded(browser: Browser, website: Shop) -> tuple[float, float, float, float]:
    """One visit of somebody who wants nothing: load event, button seen (both in ms), held up (ms), shifted."""
    with slow_page(browser, website.url) as page:
        page.goto(f"{website.url}/en/")
        if website.carries:
            page.wait_for_function("window.seen")
        page.wait_for_timeout(1000)
        found = page.evaluate(
            "[performance.getEntriesByType('navigation')[0].loadEventEnd, window.seen, window.held, window.shift]"
        )
        return found[0], found[1], found[2], found[3]


def before(browser: Browser, site: Site, website: Shop, bare: Shop) -> list[Figure]:
    with_it = [loaded(browser, website) for _ in range(TIMES)]
    without = [loaded(browser, bare) for _ in range(TIMES)]
    seen, held, shifted = (statistics.median(one[at] for one in with_it) for at in (1, 2, 3))
    page_alone, held_alone, shifted_alone = (statistics.median(one[at] for one in without) for at in (0, 2, 3))
    added = max(0.0, held - held_alone)
    with slow_page(browser, website.url) as page:
        traffic = Traffic(page)
        page.goto(f"{website.url}/en/")
        page.wait_for_function("window.seen")
        page.wait_for_timeout(1000)
        ours = traffic.of(site.url)
        foreign = [one for one in traffic.addresses if not one.startswith((site.url, website.url))]
    loader, whole = ours[f"{site.url}/w/shop.js"][0] / KB, sum(every for _body, every in ours.values()) / KB
    return [
        Figure("widget: loader, compressed", loader, "KB", 5.2, "Libredesk", "≤ 3 KB", loader <= 3),
        Figure("widget: bytes before the visitor acts", whole, "KB", 263, "Libredesk", "≤ 6 KB", whole <= 6),
        Figure("widget: requests before", len(ours), "", 16, "Libredesk", "≤ 2", len(ours) <= 2),
        Figure("widget: requests to others", len(foreign), "", 0, "none", "0", not foreign),
        Figure("widget: button visible, profile T", seen, "ms", page_alone, "page alone", "≤ 1,000 ms", seen <= 1000),
        Figure("widget: host held up, profile T", added, "ms", held_alone, "page alone", "≤ 50 ms", added <= 50),
        Figure("widget: layout shift", shifted, "", shifted_alone, "page alone", "0", shifted == 0),
    ]


# --- when he does ----------------------------------------------------------------------------------------------------
def first_letter(browser: Browser, site: Site, website: Shop, *, hovers: bool) -> tuple[float, float]:
    """From the click on the button to the first letter of a chat: ms, and KB since the page began."""
    with slow_page(browser, website.url) as page:
        traffic = Traffic(page)
        visitor = Visitor(page, site, "en", at=f"{website.url}/en/")
        page.wait_for_function("window.seen")
        if hovers:
            visitor.opener.hover()
            page.wait_for_timeout(1000)
        began = page.evaluate("performance.now()")
        visitor.opener.click()
        visitor.way("chat").click()
        visitor.box.press("H")
        took = page.evaluate("performance.now()") - began
        weight = sum(body for body, _whole in traffic.of(site.url).values()) / KB
        return took, weight


def back_again(browser: Browser, site: Site, website: Shop) -> float:
    """A reload in a conversation: ms from the beginning of the page until its last line stands there again."""
    with slow_page(browser, website.url) as page:
        visitor = Visitor(page, site, "en", at=f"{website.url}/en/")
        visitor.open_chat()
        visitor.say("Is it in stock?")
        visitor.thread.get_by_text(visitor.words("sent"), exact=True).wait_for()
        page.reload()
        visitor.bubble("Is it in stock?").wait_for()
        return float(page.evaluate("performance.now()"))


def after(browser: Browser, site: Site, website: Shop) -> list[Figure]:
    with talk.at_the_desk(site, "alice"):
        cold = [first_letter(browser, site, website, hovers=False) for _ in range(TIMES)]
        warm = [first_letter(browser, site, website, hovers=True) for _ in range(TIMES)]
        again = median(lambda: back_again(browser, site, website))
    weight = max(weight for _took, weight in cold)
    click, hover = (statistics.median(took for took, _weight in visits) for visits in (cold, warm))
    return [
        Figure("widget: until the first letter, compressed", weight, "KB", 302, "Libredesk", "≤ 40 KB", weight <= 40),
        Figure("widget: click to first letter, T, cold", click, "ms", 2000, "two seconds", "≤ 2,000 ms", click <= 2000),
        Figure("widget: click to first letter, T, hovered", hover, "ms", click, "cold", "≤ 1,000 ms", hover <= 1000),
        Figure("widget: conversation back after a reload, T", again, "ms", click, "cold", "≤ 1,500 ms", again <= 1500),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        mould = product.mould(Path(home) / "mould")
        with mould.cast(Path(home) / "var") as site, shop.open_shop(site) as website, sync_playwright() as playwright:
            bare = Shop(site.url, carries=False)
            browser = playwright.chromium.launch(
                executable_path=servers.program("chromium", "chromium"),
                args=[*QUIET, "--disable-site-isolation-trials"],
            )
            tell(*before(browser, site, website, bare))
            tell(*after(browser, site, website))
            browser.close()
            bare.close()


if __name__ == "__main__":
    main()
