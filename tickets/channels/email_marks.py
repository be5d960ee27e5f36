# ruff: noqa: E501 (tables of phrases keep their lines)
"""HTML mail as lines in which quotes are marked with `>` as in plain mail, and signatures between two marks.

Mail programs leave traces around what they quote (`blockquote type=cite`, `gmail_quote`, `moz-cite-prefix`); turned into
the marks of plain text, answers above, below and between quotes are judged by one set of rules.
"""

from typing import Any

import lxml.etree
import lxml.html

from helpdesk.lib import html as htmls

_QUOTE_OPENS, _QUOTE_CLOSES = "\ue0f0", "\ue0f1"
SIGNATURE_OPENS, SIGNATURE_CLOSES = "\ue0f2", "\ue0f3"
_ALL = (_QUOTE_OPENS, _QUOTE_CLOSES, SIGNATURE_OPENS, SIGNATURE_CLOSES)
MAX_MARKED = 2_000

_TRACES = ("quote", "cite", "divrplyfwdmsg", "appendonsend", "signature", "reference-message-container", "border-left")
_QUOTE_XPATH = (
    "//blockquote[@type='cite' or @cite or contains(@class, 'gmail_quote') or contains(@class, 'moz-') or contains(@class, 'protonmail_quote')"
    " or contains(@class, 'yahoo_quoted') or contains(@class, 'replyBody') or contains(@class, 'iosymail') or contains(@style, 'border-left')]"
    " | //div[contains(@class, 'yahoo_quoted') or @name='quote' or contains(@class, 'moz-cite-prefix') or contains(@class, 'gmail_attr')"
    " or (contains(@class, 'protonmail_quote') and not(.//blockquote))]"
)
# What follows these to the end of their parent is history
_CUT_XPATH = (
    "//*[@id='divRplyFwdMsg' or @id='x_divRplyFwdMsg' or @id='appendonsend' or @id='x_appendonsend'"
    " or @id='mail-editor-reference-message-container' or @id='reply-intro']"
)
_SIGNATURE_XPATH = (
    "//*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature') or @id='Signature' or @id='x_Signature'"
    " or @id='ms-outlook-mobile-signature' or @id='AppleMailSignature' or contains(@class, 'protonmail_signature_block')"
    " or contains(@class, 'elementToProof_signature') or @data-smartmail='gmail_signature']"
)


def is_mark(line: str) -> bool:
    """Whether a line only says where a signature begins or ends."""
    return line.strip() in _ALL


def has_traces(html: str) -> bool:
    """Whether a mail program may have left marks in it."""
    lowered = html.lower()
    return any(trace in lowered for trace in _TRACES)


def lines(html: str) -> list[str] | None:
    """The lines of an HTML mail with its quotes marked, None when it is too big or too broken to be read as a tree."""
    if html.count("<") > htmls.MAX_TAGS_DRAWN or not htmls.is_bearable(html):
        return None
    tree = htmls.parse(html)
    if tree is None:
        return None
    if has_traces(html):
        _mark(tree)
    drawn = htmls.draw(tree)
    return _with_marks(drawn.split("\n")) if drawn else None


def _mark(tree: Any) -> None:
    for element in tree.xpath(_CUT_XPATH)[:10]:
        for following in [element, *element.itersiblings()]:
            _enclose(following, _QUOTE_OPENS, _QUOTE_CLOSES)
    for element in tree.xpath(_SIGNATURE_XPATH)[:MAX_MARKED]:
        _enclose(element, SIGNATURE_OPENS, SIGNATURE_CLOSES)
    for element in tree.xpath(_QUOTE_XPATH)[:MAX_MARKED]:
        _enclose(element, _QUOTE_OPENS, _QUOTE_CLOSES)


def _enclose(element: Any, opening: str, closing: str) -> None:
    """Put a line with a mark before an element and one after it, inside of it so that nothing moves."""
    if not isinstance(element.tag, str):
        return
    first, last = lxml.html.Element("div"), lxml.html.Element("div")
    first.text, last.text = opening, closing
    first.tail, element.text = element.text, None
    element.insert(0, first)
    element.append(last)


def _with_marks(drawn: list[str]) -> list[str]:
    found: list[str] = []
    depth = 0
    for line in drawn:
        plain = line.strip()
        if plain in (_QUOTE_OPENS, _QUOTE_CLOSES):
            depth = max(0, depth + (1 if plain == _QUOTE_OPENS else -1))
        elif plain in (SIGNATURE_OPENS, SIGNATURE_CLOSES):
            found.append(plain)
        elif depth:
            found.append(f"> {plain}" if plain else ">")
        else:
            found.append(line)
    return found
