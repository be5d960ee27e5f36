"""Sites in the console: who may change them, what is refused, and what "check my site" says."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from rest_framework.test import APIClient

from chat import csp
from chat.models import Site
from helpdesk.events.models import Event
from helpdesk.lib import sealed
from helpdesk.people.models import User

pytestmark = pytest.mark.django_db


def _client(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def test_an_administrator_makes_a_site_and_gets_the_line_to_copy(ada: User, shop: Site, settings: Any) -> None:
    given = {
        "name": "Second shop",
        "queue": shop.queue.slug,
        "origins": ["https://Shop.Example:443/", "http://localhost:8080"],
        "position": "left",
        "privacy_url": "https://shop.example/privacy",
    }
    answer = _client(ada).post("/api/v1/sites/", given, format="json")
    assert answer.status_code == 201, answer.content
    made = answer.json()
    assert made["key"] == "second-shop"
    assert made["origins"] == ["https://shop.example", "http://localhost:8080"]
    assert made["snippet"] == f'<script async src="{settings.PUBLIC_URL}/w/second-shop.js"></script>'
    assert (made["position"], made["has_secret"], made["queue"]["slug"]) == ("left", False, shop.queue.slug)
    again = _client(ada).post("/api/v1/sites/", given, format="json")
    assert again.json()["key"] == "second-shop-2"
    listed = _client(ada).get("/api/v1/sites/").json()["results"]
    assert [row["key"] for row in listed] == ["second-shop", "second-shop-2", "shop"]
    assert Event.objects.filter(name="site.changed").count() == 2


@pytest.mark.parametrize(
    "entry",
    ["shop.example", "https://shop.example/page", "https://*.shop.example", "javascript:alert(1)", "https://a@b.c"],
)
def test_what_is_no_exact_origin_is_refused_and_nothing_changes(ada: User, shop: Site, entry: str) -> None:
    answer = _client(ada).patch(f"/api/v1/sites/{shop.pk}/", {"origins": [entry], "name": "Other"}, format="json")
    assert (answer.status_code, [*answer.json()["fields"]]) == (400, ["origins"])
    shop.refresh_from_db()
    assert (shop.name, shop.origins) == ("Shop", ["https://shop.example"])


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/secret/", "{id}/check/"])
@pytest.mark.parametrize("who", ["charlie", "bob"])
def test_nobody_else_sees_or_changes_a_site(request: pytest.FixtureRequest, shop: Site, who: str, path: str) -> None:
    user: User = request.getfixturevalue(who)
    address = f"/api/v1/sites/{path.format(id=shop.pk)}"
    secret = shop.identity_secret
    assert _client(user).get(address).status_code in (403, 405)
    assert _client(user).post(address, {"name": "X", "url": "https://shop.example"}, format="json").status_code in (
        403,
        405,
    )
    assert _client(user).patch(address, {"name": "X"}, format="json").status_code in (403, 405)
    shop.refresh_from_db()
    assert (shop.name, shop.identity_secret, Site.objects.count()) == ("Shop", secret, 1)


def test_a_new_secret_is_told_once_and_replaces_the_former(ada: User, shop: Site) -> None:
    before = sealed.unseal(shop.identity_secret)
    answer = _client(ada).post(f"/api/v1/sites/{shop.pk}/secret/")
    assert answer.status_code == 201
    shop.refresh_from_db()
    assert sealed.unseal(shop.identity_secret) == answer.json()["secret"] != before
    shown = _client(ada).get(f"/api/v1/sites/{shop.pk}/").json()
    assert shown["has_secret"] is True
    assert answer.json()["secret"] not in str(shown)


# --- check my site ---------------------------------------------------------------------------------------------------
class Website:
    """A small website of the test's own."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[dict[str, str], str]] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers, html = outer.pages.get(self.path, ({}, ""))
                self.send_response(int(headers.get("status", "200" if html else "404")))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(html.encode())

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def website(settings: Any) -> Iterator[Website]:
    settings.MAIL_NETWORKS = ["127.0.0.0/8"]
    site = Website()
    yield site
    site.server.shutdown()
    site.server.server_close()


def _check(ada: User, shop: Site, url: str) -> dict[str, bool]:
    answer = _client(ada).post(f"/api/v1/sites/{shop.pk}/check/", {"url": url}, format="json")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    steps = {step["code"]: step["ok"] for step in found["steps"]}
    assert found["ok"] is all(steps.values())
    assert all(step["text"] for step in found["steps"])
    return steps


def test_a_page_in_order_passes_every_step(ada: User, shop: Site, website: Website, settings: Any) -> None:
    shop.origins = [website.url]
    shop.save()
    line = f'<script async src="{settings.PUBLIC_URL}/w/shop.js"></script>'
    policy = f"default-src 'none'; script-src {settings.PUBLIC_URL}; frame-src {settings.PUBLIC_URL}"
    website.pages["/"] = ({"Content-Security-Policy": policy}, f"<!doctype html>{line}")
    assert _check(ada, shop, website.url) == {"reach": True, "snippet": True, "origin": True, "csp": True}


def test_what_is_wrong_is_said_step_by_step(ada: User, shop: Site, website: Website, settings: Any) -> None:
    website.pages["/old"] = ({"status": "302", "Location": "/new"}, "-")
    website.pages["/new"] = (
        {"Cross-Origin-Embedder-Policy": "require-corp"},
        "<meta http-equiv=content-security-policy content=\"script-src 'self'; frame-src 'none'\"><p>Hello",
    )
    assert _check(ada, shop, f"{website.url}/old") == {
        "reach": True, "snippet": False, "origin": False, "script_src": False, "frame_src": False, "isolation": False,
    }  # fmt: skip
    assert _check(ada, shop, f"{website.url}/nowhere") == {"reach": False}


def test_nothing_inside_our_network_is_fetched(ada: User, shop: Site, website: Website, settings: Any) -> None:
    settings.MAIL_NETWORKS = []
    website.pages["/"] = ({}, "<p>Secret")
    for url in (website.url, "http://169.254.169.254/", "ftp://shop.example/", "https://user@shop.example/"):
        assert _check(ada, shop, url) == {"reach": False}


@pytest.mark.parametrize(
    ("policy", "script", "frame"),
    [
        ("", True, True),
        ("default-src 'none'", False, False),
        ("default-src https:", True, True),
        ("default-src *.desk.example", False, False),
        ("script-src *.example; frame-src https://desk.example/w/", True, True),
        ("script-src https://desk.example/w/other.js; child-src https://desk.example", False, True),
        ("script-src 'strict-dynamic' https://desk.example", False, True),
        ("script-src 'nonce-abc' 'strict-dynamic'", True, True),
        ("script-src https://desk.example:8443; frame-src 'self'", False, False),
        ("frame-src *, frame-src 'none'", True, False),
    ],
)
def test_policies_are_read_as_browsers_read_them(policy: str, script: bool, frame: bool) -> None:
    policies, page = csp.parse([policy]), "https://shop.example/"
    assert csp.allows_script(policies, "https://desk.example/w/shop.js", page, "abc") is script
    assert csp.allows_frame(policies, "https://desk.example/w/shop/", page) is frame
