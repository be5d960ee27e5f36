"""An article's Markdown as safe HTML, with anchors, call-outs and tables, and its headings for the list beside it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import nh3
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from helpdesk.lib import html, text

# `> [!TIP]` begins a call-out, as on many Markdown sites; the word becomes the look.
_CALL_OUT = re.compile(r"^\[!(NOTE|TIP|WARNING|DANGER)\]\s*")
_LOOKS = {"NOTE": "info", "TIP": "ok", "WARNING": "warn", "DANGER": "bad"}
_TAGS = frozenset(
    "a blockquote br code del div em h2 h3 h4 h5 h6 hr img kbd li ol p pre s strong table tbody td th thead tr ul".split()
)
_ATTRIBUTES = {
    "a": {"href", "title", "rel"},
    "div": {"data-notice"},
    "h2": {"id"},
    "h3": {"id"},
    "h4": {"id"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "table": {"tabindex"},
    "td": {"align"},
    "th": {"align", "scope"},
}
_ALIGNED = re.compile(r"text-align:\s*(\w+)")
_CHARS_A_MINUTE = 1_200


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first rank, and the anchor that leads to it."""

    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Page:
    """What a reader sees of an article."""

    html: str
    text: str
    headings: Sequence[Heading]

    @property
    def minutes(self) -> int:
        """How long it takes to read."""
        return max(1, round(len(self.text) / _CHARS_A_MINUTE))


def page(markdown: str) -> Page:
    """Render a body. Raw HTML in it is shown as text, never interpreted."""
    tokens = _markdown().parse(markdown)
    rendered = _sanitised(_markdown().renderer.render(tokens, _markdown().options, {}))
    headings = [
        Heading(_words(tokens[at + 1]), str(token.attrs["id"]))
        for at, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    ]
    return Page(rendered, html.to_text(rendered), headings)


@lru_cache(maxsize=512)
def plain(markdown: str) -> str:
    """The words alone, a line for each paragraph, list or row of a table: for the passages of many articles at once."""
    lines = [""]
    for token in _markdown().parse(markdown):
        if token.type == "inline":
            lines[-1] += _words(token)
        elif token.type in ("td_close", "th_close", "heading_close"):
            lines[-1] += " – "
        elif token.type == "paragraph_close" and (token.level or lines[-1].endswith(":")):
            # An item goes on to the next, and what introduces a list to its first.
            lines[-1] += " " if lines[-1][-1:] in ".,;:!?" else "; "
        elif token.type in ("paragraph_close", "tr_close", "bullet_list_close", "ordered_list_close"):
            lines.append("")
    return "\n".join(line.strip(" –;") for line in lines if line)


@cache
def _markdown() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    made.core.ruler.push("guichet", _adapt)
    made.add_render_rule("image", _image)
    return made


def _sanitised(rendered: str) -> str:
    return nh3.clean(
        rendered,
        tags=set(_TAGS),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    ).strip()


def _adapt(state: StateCore) -> None:
    """One h1 a page is the title's, so headings begin at h2; anchors; call-outs; tables that can be scrolled by keys."""
    used: set[str] = set()
    for at, token in enumerate(state.tokens):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(max(int(token.tag[1]), 2), 6)}"
        if token.type == "heading_open":
            token.attrs["id"] = _anchor(_words(state.tokens[at + 1]), used)
        elif token.type == "blockquote_open":
            _make_call_out(state.tokens, at)
        elif token.type == "table_open":
            token.attrs["tabindex"] = "0"
        elif token.type in ("th_open", "td_open"):
            _align(token)
        for child in token.children or []:
            if child.type == "link_open" and str(child.attrs.get("href", "")).startswith(("http:", "https:")):
                child.attrs["rel"] = "noopener"


def _anchor(words: str, used: set[str]) -> str:
    base = slugify(text.fold(words)) or "section"
    anchor = next(name for name in (base, *(f"{base}-{n}" for n in range(2, len(used) + 3))) if name not in used)
    used.add(anchor)
    return anchor


def _make_call_out(tokens: list[Token], at: int) -> None:
    inline = next((token for token in tokens[at : at + 3] if token.type == "inline"), None)
    first = inline.children[0] if inline and inline.children else None
    if first is None or not (match := _CALL_OUT.match(first.content)):
        return
    first.content = first.content[match.end() :]
    close = next(token for token in tokens[at:] if token.type == "blockquote_close" and token.level == tokens[at].level)
    tokens[at].tag = close.tag = "div"
    tokens[at].attrs["data-notice"] = _LOOKS[match.group(1)]


def _align(token: Token) -> None:
    """Markdown aligns by a style attribute, which the content policy refuses."""
    style = str(token.attrs.pop("style", ""))
    if match := _ALIGNED.search(style):
        token.attrs["align"] = match.group(1)
    if token.type == "th_open":
        token.attrs["scope"] = "col"


def _words(inline: Token) -> str:
    return "".join(
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in inline.children or []
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    ).strip()


def _image(renderer: RendererHTML, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
    tokens[idx].attrs["loading"] = "lazy"
    return renderer.image(tokens, idx, options, env)
