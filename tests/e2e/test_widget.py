"""The help button on a website that trusts nobody: what it weighs, what it touches, and that it works there."""

import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.e2e import talk, words
from tests.e2e.conftest import OpenPage
from tests.e2e.product import Site

SLOW = 20_000
# Reading any of these by a script of ours would be seen
TRAPS = """
addEventListener('securitypolicyviolation', (event) => (window.violations ||= []).push(event.violatedDirective))
for (const [holder, name] of [[Document.prototype, 'cookie'], [Document.prototype, 'forms'], [Node.prototype, 'textContent'],
    [Element.prototype, 'innerHTML'], [HTMLInputElement.prototype, 'value']]) {
  const real = Object.getOwnPropertyDescriptor(holder, name)
  Object.defineProperty(holder, name, {...real, get() {
    const isPages = this.getRootNode() === document
    if (isPages && new Error().stack.includes('/w/')) (window.touched ||= []).push(name)
    return real.get.call(this) }})
}
"""


class Shop:
    """A website on an origin of its own, under a strict policy."""

    def __init__(self, desk: str) -> None:
        policy = f"default-src 'none'; script-src {desk}; frame-src {desk}; style-src 'self'"
        html = f"""<!doctype html><html lang="fr"><meta name="viewport" content="width=device-width"><title>Caisse</title>
<h1>Paiement</h1><form><label>Carte <input value="4111"></label></form><a href="#" data-help-open="form">Une question ?</a>
<script async src="{desk}/w/shop.js"></script>""".encode()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_page = self.path == "/"
                self.send_response(200 if is_page else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(html if is_page else b"")

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def shop(site: Site) -> Iterator[Shop]:
    """A shop that the administrator has allowed to show the widget."""
    website = Shop(site.url)
    token = site.demo["agents"]["admin"]["token"]
    api = f"{site.url}/api/v1/sites/"
    rows = talk.call("GET", api, token=token).content["results"]
    row = next(row for row in rows if row["key"] == "shop")
    change = {"origins": [*row["origins"], website.url]}
    assert talk.call("PATCH", f"{api}{row['id']}/", change, token=token).status == 200
    yield website
    assert talk.call("PATCH", f"{api}{row['id']}/", {"origins": row["origins"]}, token=token).status == 200
    website.server.shutdown()
    website.server.server_close()


def test_on_a_strict_page_it_is_light_reads_nothing_and_stores_nothing(
    site: Site, shop: Shop, open_page: OpenPage
) -> None:
    say = words.widget("fr")
    page = open_page()
    page.add_init_script(f"if (location.origin === '{shop.url}') {{ {TRAPS} }}")
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))

    page.goto(shop.url)
    button = page.get_by_role("button", name="Aide", exact=True)
    expect(button).to_be_visible(timeout=SLOW)
    page.wait_for_timeout(500)
    ours = [address for address in addresses if not address.startswith(shop.url)]
    assert ours == [f"{site.url}/w/shop.js"]
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie.length]") == [0, 0, 0]

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    frame = page.frame_locator("guichet-help iframe")
    expect(frame.get_by_role("heading", name=say("hello"))).to_be_visible(timeout=SLOW)
    expect(frame.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    expect(frame.get_by_role("searchbox")).to_be_hidden()

    assert page.evaluate("window.violations || []") == []
    assert page.evaluate("window.touched || []") == []
    assert page.context.cookies(site.url) == []
    assert {address.split("/")[2] for address in addresses} == {site.url.split("/")[2], shop.url.split("/")[2]}


def test_a_written_request_gets_a_reference_and_the_browser_can_be_forgotten(
    site: Site, shop: Shop, open_page: OpenPage
) -> None:
    say = words.widget("fr")
    page = open_page(viewport={"width": 360, "height": 640})
    page.goto(shop.url)
    expect(page.get_by_role("button", name="Aide", exact=True)).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Une question ?").click()
    frame = page.frame_locator("guichet-help iframe")
    box = frame.get_by_role("textbox", name=say("message"))
    expect(box).to_be_visible(timeout=SLOW)
    box.fill("Mon paiement est refusé.")
    frame.get_by_label(say("email")).fill("odette@lavande.example")
    frame.get_by_role("button", name=say("formSend"), exact=True).click()
    expect(frame.get_by_role("heading", name=say("formDone"))).to_be_visible(timeout=SLOW)
    number = re.search(r"\d+", frame.locator(".reference").inner_text())
    assert number
    kept = page.evaluate("Object.keys(localStorage)")
    assert kept == ["guichet:shop"]
    frame.get_by_role("button", name=say("seeConversation"), exact=True).click()
    expect(frame.get_by_role("log").get_by_text("Mon paiement est refusé.")).to_be_visible(timeout=SLOW)
    frame.get_by_role("button", name=say("back"), exact=True).click()
    frame.get_by_role("button", name=say("privacy"), exact=True).click()
    frame.get_by_role("button", name=say("forget"), exact=True).click()
    frame.get_by_role("button", name=say("forgetYes"), exact=True).click()
    told = say("forgottenStays", numbers=number[0], count=1)
    expect(frame.locator("p.notice")).to_have_text(told, timeout=SLOW)
    assert page.evaluate("Object.keys(localStorage)") == []
