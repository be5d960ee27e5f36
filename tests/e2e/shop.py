"""A website of somebody else's, on an origin of its own, under a policy that trusts nobody but the desk."""

import contextlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from playwright.sync_api import Page, Request

from tests.e2e import talk
from tests.e2e.product import Site

WORDS = {
    "fr": ("Caisse", "Paiement", "Numéro de carte", "Une question ?", "Aide"),
    "en": ("Checkout", "Payment", "Card number", "A question?", "Help"),
}


class Shop:
    """Every path is a page: French, or English below `/en`. Without `carries` it does not carry the widget."""

    def __init__(self, desk: str, *, carries: bool = True) -> None:
        policy = f"default-src 'none'; script-src {desk}; frame-src {desk}; style-src 'self'"
        self.carries = carries
        script = f'<script async src="{desk}/w/shop.js"></script>' if carries else ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                language = "en" if self.path.startswith("/en") else "fr"
                self.send_response(204 if self.path == "/favicon.ico" else 200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                if self.path != "/favicon.ico":
                    self.wfile.write(_html(language, script).encode())

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def _html(language: str, script: str) -> str:
    title, heading, label, question, _help = WORDS[language]
    rows = "".join(f"<tr><td>{number}</td><td>Bourricot</td><td>{number * 59} €</td></tr>" for number in range(1, 9))
    return f"""<!doctype html><html lang="{language}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>{script}</head>
<body><main><h1>{heading}</h1><form><label>{label} <input value="4111"></label></form>
<p><a href="#" data-help-open="form">{question}</a></p><table>{rows}</table></main></body></html>"""


@contextlib.contextmanager
def open_shop(site: Site) -> Iterator[Shop]:
    """A shop that the administrator has allowed to show the widget."""
    shop = Shop(site.url)
    before = row(site)["origins"]
    change(site, origins=[*before, shop.url])
    try:
        yield shop
    finally:
        change(site, origins=before)
        shop.close()


def row(site: Site) -> dict[str, Any]:
    """The website `shop` as the administrator sees it."""
    rows = talk.call("GET", f"{site.url}/api/v1/sites/", token=talk.token(site, "admin")).content["results"]
    found: dict[str, Any] = next(row for row in rows if row["key"] == "shop")
    return found


def change(site: Site, **to: Any) -> None:
    address = f"{site.url}/api/v1/sites/{row(site)['id']}/"
    answer = talk.call("PATCH", address, to, token=talk.token(site, "admin"))
    assert answer.status == 200, answer


class Traffic:
    """What a page and its frames have loaded, with its weight as it came over the wire."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._done: list[Request] = []
        self.addresses: list[str] = []
        page.on("request", lambda request: self.addresses.append(request.url))
        page.on("requestfinished", lambda request: self._done.append(request))

    def of(self, origin: str) -> dict[str, tuple[int, int]]:
        """Address: bytes of the body as it was sent, and of all. A second load of an address counts again."""
        found: dict[str, tuple[int, int]] = {}
        for request in list(self._done):
            if request.url.startswith(origin):
                sizes = request.sizes()
                body, every = found.get(request.url, (0, 0))
                size = max(0, sizes["responseBodySize"])
                found[request.url] = (body + size, every + size + max(0, sizes["responseHeadersSize"]))
        return found
