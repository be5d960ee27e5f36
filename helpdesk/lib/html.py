"""Other people's HTML: made safe to keep, and turned into readable text."""

import html as entities
import re
from functools import cache
from typing import Any

import inscriptis
import lxml.etree
import lxml.html
import nh3
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

MAX_CHARS = 1_000_000
MAX_DEPTH = 2_000
MAX_MARKS_IN_A_TAG = 6_000
MAX_TAGS_DRAWN = 40_000


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TAGS = _words(
    "a abbr b blockquote br caption center code col colgroup dd del details div dl dt em figcaption figure font"
    " h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s small span strike strong sub summary sup"
    " table tbody td tfoot th thead tr tt u ul"
)
_DROPPED_WITH_CONTENT = frozenset(
    {"script", "style", "title", "noscript", "template", "svg", "math", "iframe", "object"}
)
_ANYWHERE = {"dir", "lang", "title", "style", "align"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": _ANYWHERE,
    "a": {"href"},
    "blockquote": {"type"},
    "font": {"color", "face", "size"},
    "img": {"src", "alt", "width", "height", "data-remote-src"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width", "bgcolor"},
    "td": {"colspan", "rowspan", "width", "height", "bgcolor", "valign"},
    "th": {"colspan", "rowspan", "width", "height", "bgcolor", "valign", "scope"},
    "tr": {"bgcolor", "valign"},
}
# Nothing here can leave the box the message is drawn in (no position, float, z-index, size over 100 %, url()).
_STYLES = _words(
    "background-color border border-bottom border-collapse border-color border-left border-right border-style border-top"
    " border-width color font-family font-size font-style font-weight line-height list-style-type padding padding-bottom"
    " padding-left padding-right padding-top text-align text-decoration text-indent vertical-align white-space"
)
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "cid"})
_OPENS_OR_CLOSES = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# These may stay open for ever in honest HTML without nesting anything.
_NEVER_DEEP = _words(
    "area base br col dd dt embed hr img input li link meta option p source tbody td tfoot th thead tr track wbr"
)
_MARKS = re.compile(r"[\s/\"']+")
_UNSEEN = ("script", "style", "title", "head", "template")
_BREAKS = ("br", "/p", "/div", "/tr", "/li", "/h1", "/h2", "/h3", "/h4", "/h5", "/h6", "/blockquote")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_bearable(html: str) -> bool:
    """Whether a parser can take this without time that grows with the square of its size."""
    if len(html) > MAX_CHARS:
        return False
    depth = 0
    for closing, name in _OPENS_OR_CLOSES.findall(html):
        if name.lower() in _NEVER_DEEP:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        if depth > MAX_DEPTH:
            return False
    if len(html) < MAX_MARKS_IN_A_TAG:
        return True
    return all(
        len(chunk) < MAX_MARKS_IN_A_TAG or len(_MARKS.findall(chunk)) < MAX_MARKS_IN_A_TAG for chunk in html.split("<")
    )


def clean(html: str) -> str:
    """The same message with nothing in it that runs, loads from elsewhere or draws outside its box ('' when hopeless).

    Remote images lose their `src` to `data-remote-src`: they are loaded only when somebody asks for them.
    """
    if not html.strip() or not is_bearable(html):
        return ""
    return nh3.clean(
        _hold_back_remote_images(html),
        tags=set(_TAGS),
        clean_content_tags=set(_DROPPED_WITH_CONTENT),
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        attribute_filter=_filter_attribute,
        filter_style_properties=set(_STYLES),
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    ).strip()


def to_text(html: str) -> str:
    """What a reader would see, as plain lines; links keep their address when it differs from their words."""
    if not html.strip():
        return ""
    if html.count("<") > MAX_TAGS_DRAWN or not is_bearable(html):
        return _tidy(strip_tags(html))
    tree = parse(html)
    if tree is None:
        return _tidy(strip_tags(html))
    return draw(tree) or _tidy(strip_tags(html))


def draw(tree: Any) -> str:
    """What a reader would see of an lxml tree, '' when it cannot be drawn."""
    try:
        return _tidy(inscriptis.Inscriptis(tree, _config()).get_text())
    except (RecursionError, ValueError, IndexError, KeyError, AttributeError, lxml.etree.LxmlError):
        return ""


def parse(html: str) -> Any | None:
    """The lxml tree of some HTML, None when there is none in it."""
    try:
        parser = lxml.html.HTMLParser(huge_tree=True, remove_comments=True)
        return lxml.html.document_fromstring(_XML_ILLEGAL.sub("", html), parser=parser)
    except (lxml.etree.LxmlError, ValueError, AssertionError, RecursionError):
        return None


def serialize(tree: Any) -> str:
    """An lxml tree as text again."""
    return str(lxml.html.tostring(tree, encoding="unicode"))


def strip_tags(html: str) -> str:
    """Tags thrown out by hand, reading every character once: the last resort that cannot fail."""
    lowered = html.lower() if len(html.lower()) == len(html) else html
    kept: list[str] = []
    place = 0
    while place < len(html):
        opened = html.find("<", place)
        if opened < 0:
            break
        kept.append(html[place:opened])
        closed = html.find("-->", opened) if html.startswith("<!--", opened) else html.find(">", opened)
        if closed < 0:
            # An unclosed tag swallows the rest in a browser; losing words would be worse than showing a bracket.
            return entities.unescape("".join(kept) + html[opened:])
        name = lowered[opened + 1 : opened + 12].split(">")[0].split()
        place = closed + (3 if html.startswith("-->", closed) else 1)
        if name and name[0].rstrip("/") in _BREAKS:
            kept.append("\n")
        elif name and name[0] in _UNSEEN:
            end = lowered.find(f"</{name[0]}", place)
            if end < 0:
                return entities.unescape("".join(kept))
            place = end
    kept.append(html[place:])
    return entities.unescape("".join(kept))


def escape(text: str) -> str:
    """Plain text as HTML paragraphs."""
    paragraphs = entities.escape(text, quote=True).replace("\r\n", "\n").split("\n\n")
    return "\n".join(
        f"<p>{'<br>'.join(paragraph.strip().splitlines())}</p>" for paragraph in paragraphs if paragraph.strip()
    )


def _hold_back_remote_images(html: str) -> str:
    if "<img" not in html and "<IMG" not in html:
        return html
    tree = parse(html)
    if tree is None:
        return html
    for image in tree.iter("img"):
        source = (image.get("src") or "").strip()
        if source.lower().startswith(("http:", "https:", "//")):
            del image.attrib["src"]
            image.set("data-remote-src", f"https:{source}" if source.startswith("//") else source)
    body = tree.find("body")
    return serialize(tree if body is None else body)


def _filter_attribute(tag: str, name: str, value: str) -> str | None:
    if tag == "img" and name == "src" and not value.strip().lower().startswith("cid:"):
        return None
    if name == "data-remote-src" and not value.lower().startswith(("http://", "https://")):
        return None
    if name == "style" and ("url(" in value.lower() or "expression" in value.lower() or "\\" in value):
        return None
    return value


@cache
def _config() -> ParserConfig:
    return ParserConfig(css=CSS_PROFILES["strict"], display_links=False, display_images=False)


def _tidy(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\xa0", " ").split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")
