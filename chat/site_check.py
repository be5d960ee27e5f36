""" "Check my site": the page is fetched as a browser would get it, and what keeps the button from working is said in words.

Private networks are never reached (`egress`, strict), little is read, and nothing of the page is shown to whoever asked.
"""

import http.client
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from chat import csp, sites
from chat.models import Site
from helpdesk.lib import egress, fetching

# For all its hops together
SECONDS = 15
MOST_BYTES = 2_000_000
MOST_HOPS = 4


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was looked at; `text` is in the reader's language and says what to do."""

    code: str
    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The page as it came: where it stands in the end, its policies, its text."""

    address: str
    status: int
    policies: list[str]
    embedder: str
    html: str


class Unreachable(Exception):
    """The page could not be read; the message says why in the reader's language."""


def of(site: Site, address: str) -> list[Step]:
    """Every step in order; the first that fails may hide what comes after it."""
    try:
        page = fetch(address)
    except Unreachable as problem:
        return [Step("reach", False, str(problem))]
    if page.status >= 400:
        return [Step("reach", False, _("The page answered with status %(status)d.") % {"status": page.status})]
    return [Step("reach", True, _("The page answers.")), *_judge(site, page)]


def _judge(site: Site, page: Answer) -> Iterator[Step]:
    seen = _Scripts()
    seen.feed(page.html)
    yield _snippet(site, page, seen)
    yield _origin(site, page)
    yield from _policy(site, page, seen)
    if page.embedder.startswith("require-corp"):
        yield Step(
            "isolation",
            False,
            _(
                "The page demands isolation (Cross-Origin-Embedder-Policy: require-corp): browsers refuse our frame there."
            ),
        )
    if not site.is_active:
        yield Step("active", False, _("This site is switched off here: the button does not come."))


def _snippet(site: Site, page: Answer, seen: "_Scripts") -> Step:
    wanted = f"/w/{site.key}.js"
    addresses = [urljoin(page.address, source) for source, _nonce in seen.scripts]
    if f"{settings.PUBLIC_URL}{wanted}" in addresses:
        return Step("snippet", True, _("The line is in the page."))
    if any(urlsplit(one).path == wanted for one in addresses):
        return Step(
            "snippet",
            False,
            _("The line is in the page, but names another address than %(ours)s.") % {"ours": settings.PUBLIC_URL},
        )
    if any("/w/" in one and one.startswith(settings.PUBLIC_URL) for one in addresses):
        return Step("snippet", False, _("The page carries the line of another site."))
    return Step(
        "snippet", False, _("The line is not in the page. If a script adds it later, this check cannot see it.")
    )


def _origin(site: Site, page: Answer) -> Step:
    origin = sites.origin_of(page.address)
    if origin in sites.embedders(site):
        return Step("origin", True, _("%(origin)s may show the widget.") % {"origin": origin})
    return Step(
        "origin",
        False,
        _("%(origin)s is not among the allowed websites: add it, or the panel stays empty.") % {"origin": origin},
    )


def _policy(site: Site, page: Answer, seen: "_Scripts") -> Iterator[Step]:
    policies = csp.parse([*page.policies, *seen.policies])
    ours = settings.PUBLIC_URL
    script, frame = f"{ours}/w/{site.key}.js", f"{ours}/w/{site.key}/"
    nonce = next((given for source, given in seen.scripts if urljoin(page.address, source) == script), "")
    if not csp.allows_script(policies, script, page.address, nonce):
        text = _("The page's Content-Security-Policy refuses the script: add %(ours)s to script-src.")
        yield Step("script_src", False, text % {"ours": ours})
    if not csp.allows_frame(policies, frame, page.address):
        text = _("The page's Content-Security-Policy refuses the panel: add %(ours)s to frame-src.")
        yield Step("frame_src", False, text % {"ours": ours})
    if csp.allows_script(policies, script, page.address, nonce) and csp.allows_frame(policies, frame, page.address):
        yield Step(
            "csp",
            True,
            _("The page's Content-Security-Policy lets the widget work.")
            if policies
            else _("The page has no Content-Security-Policy."),
        )
    if page.address.startswith("https:") and ours.startswith("http:"):
        yield Step("mixed", False, _("The page is served over https and this desk over http: browsers refuse that."))


class _Scripts(HTMLParser):
    """The scripts of a page in the order of its text, and the policies in its meta elements."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[str, str]] = []
        self.policies: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and given.get("src"):
            self.scripts.append((given["src"].strip(), given.get("nonce", "")))
        if tag == "meta" and given.get("http-equiv", "").lower() == "content-security-policy":
            self.policies.append(given.get("content", ""))


# --- fetching --------------------------------------------------------------------------------------------------------
def fetch(address: str) -> Answer:
    """The page behind an address, a few redirects followed, each hop's host checked anew. Raises Unreachable."""
    deadline, address = fetching.Deadline(SECONDS), address.strip()
    for _hop in range(MOST_HOPS):
        reply = _ask(address, deadline)
        if not reply.location:
            policies = reply.headers.get_all("Content-Security-Policy") or []
            embedder = reply.headers.get("Cross-Origin-Embedder-Policy", "").strip().lower()
            return Answer(address, reply.status, policies, embedder, reply.data.decode("utf-8", "replace"))
        try:
            address = urljoin(address, reply.location)
        except ValueError as error:
            raise Unreachable(_("The website did not answer.")) from error
    raise Unreachable(_("The page sends browsers on and on."))


def _ask(address: str, deadline: fetching.Deadline) -> fetching.Reply:
    if not sites.origin_of(address) or "@" in urlsplit(address).netloc:
        raise Unreachable(_("Enter an address such as https://www.example.org/."))
    try:
        return fetching.ask(address, headers=_HEADERS, deadline=deadline, limit=MOST_BYTES, schemes=("http", "https"))
    except egress.NameNotFound as error:
        raise Unreachable(_("No such website: its name is unknown.")) from error
    except egress.Forbidden as error:
        raise Unreachable(_("This address lies in a private network: it cannot be checked from here.")) from error
    except ssl.SSLError as error:
        raise Unreachable(_("The website's certificate is not in order.")) from error
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(_("The website did not answer.")) from error


_HEADERS = {
    "User-Agent": "Guichet site check",
    "Accept": "text/html",
    "Accept-Encoding": "identity",
    "Connection": "close",
}
