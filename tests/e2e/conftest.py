"""A running product and real browsers before it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests import servers
from tests.e2e import product, talk
from tests.e2e.product import Mould, Site

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What the browser itself says about a refused request; the page's own answer to it is what a test looks at.
# The last one: axe knocks at the frame of a mail, in which nothing may run.
EXPECTED = (
    "Failed to load resource",
    "WebSocket connection to",
    "net::ERR_",
    "Blocked script execution in 'about:srcdoc'",
)

OpenPage = Callable[..., Page]
# Patience for a busy machine: what a test says is that something comes, not how soon
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def mould(tmp_path_factory: pytest.TempPathFactory) -> Mould:
    """The demo company, filled once for the whole run."""
    return product.mould(tmp_path_factory.mktemp("mould") / "var")


@pytest.fixture(scope="session")
def site(mould: Mould, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The running product that most tests share."""
    with mould.cast(tmp_path_factory.mktemp("site") / "var") as running:
        yield running


@pytest.fixture(autouse=True)
def line(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each story leaves an empty line of chats to the next one."""
    # Asked for before the story: the product then ends after this
    site = request.getfixturevalue("site") if "site" in request.fixturenames else None
    yield
    if site:
        talk.end_all(site)


@pytest.fixture
def own_site(mould: Mould, tmp_path: Path) -> Iterator[Site]:
    """A running product for one test alone: one that kills it, or that needs a company nobody else has touched."""
    with mould.cast(tmp_path / "var") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=servers.program("chromium", "chromium"), args=QUIET)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenPage]:
    """Opens a page in a browser of its own (own cookies): `open_page(locale="fr-FR", viewport={…})`.

    Ends the test when a page threw an error, broke the content security policy or wrote an error to its console.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(words in message.text for words in EXPECTED):
            errors.append(f"{message.location.get('url', '')}: {message.text}")

    def open_one(**options: Any) -> Page:
        context = browser.new_context(
            **{"locale": "en-GB", "timezone_id": "Europe/Paris", "viewport": {"width": 1366, "height": 800}} | options
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_one

    failed = getattr(request.node, "failed", False) or errors
    for number, context in enumerate(contexts):
        for page in context.pages:
            if failed and not page.is_closed():
                picture = tmp_path / f"page-{number}.png"
                page.screenshot(path=picture)
                print(f"screenshot: {picture} ({page.url})")
        context.close()
    assert errors == [], "a page reported errors"


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page()


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Asserts that axe finds no accessibility violation in a page as it is now."""

    def check(page: Page) -> None:
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()

    return check


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first test also pays for the demo company."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.timeout(900))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report
