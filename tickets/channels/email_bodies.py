"""The words of a mail, chosen among its parts so that nobody's are lost, and its files."""

import re

from helpdesk.lib import html as htmls
from helpdesk.lib import text as texts
from tickets.channels import (
    email_charsets,
    email_files,
    email_marks,
    email_mime,
    email_phrases,
    email_quotes,
    email_special,
)
from tickets.channels.email_mime import Leaf
from tickets.channels.email_shapes import ParsedMail

MAX_TEXT = 500_000
MAX_HTML = htmls.MAX_CHARS

_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([a-zA-Z0-9_:-]{2,40})", re.IGNORECASE)
_ENRICHED_MARK = re.compile(r"<(?:param>[^<]{0,200}</param|/?[a-zA-Z-]{1,30})>|<(?=<)")

_Told = list[tuple[int | None, str]]


def read(mail: ParsedMail, leaves: list[Leaf]) -> None:
    """Fill in text, HTML, newest text, files and special parts."""
    problems = mail.problems
    plain: _Told = []
    rich: _Told = []
    leaves = email_special.opened(leaves, problems)
    for leaf in leaves:
        if not _is_body(leaf):
            _add_file(mail, leaf)
            continue
        content = body_text(leaf, problems)
        if leaf.type == "text/html" and len(content) > MAX_HTML:
            problems.append("html_too_big")
            _add_file(mail, leaf)
            plain.append((leaf.choice, htmls.strip_tags(content[:MAX_HTML])))
        elif leaf.type == "text/html":
            rich.append((leaf.choice, content))
        else:
            plain.append((leaf.choice, content))
    plain = _without_stubs(plain, rich)
    _tell(mail, plain, rich)
    email_special.describe_text(mail)


def _tell(mail: ParsedMail, plain: _Told, rich: _Told) -> None:
    problems = mail.problems
    lines = _lines(plain, rich)
    mail.text = email_quotes.joined(lines)
    if len(mail.text) > MAX_TEXT:
        problems.append("text_cut")
        mail.text = mail.text[:MAX_TEXT]
        lines = mail.text.split("\n")
    source = "\n".join(content for _, content in rich)
    mail.html = texts.clean(htmls.clean(source)) if source else ""
    if source.strip() and not mail.html:
        problems.append("html_unreadable")
    is_forward = email_phrases.is_forward_subject(mail.subject)
    is_reply = bool(mail.ancestors) or email_phrases.is_reply_subject(mail.subject)
    mail.newest_text = email_quotes.newest_of_lines(mail.text, lines, is_forward=is_forward, is_reply=is_reply)
    if is_reply and len(mail.newest_text) >= len(mail.text) and email_marks.has_traces(source):
        # The plain twin tells nothing apart, the HTML one may
        marked = email_marks.lines(source) or []
        newest = email_quotes.newest_of_lines("", marked, is_forward=is_forward, is_reply=is_reply)
        mail.newest_text = newest or mail.newest_text


def _lines(plain: _Told, rich: _Told) -> list[str]:
    """All words in lines: an HTML part with a plain twin adds none, one that stands alone (Apple Mail) does."""
    twins = {choice for choice, content in plain if choice is not None and content.strip()}
    lines: list[str] = []
    for is_rich, (choice, content) in [*((False, told) for told in plain), *((True, told) for told in rich)]:
        if not content.strip() or (is_rich and choice is not None and choice in twins):
            continue
        if lines:
            lines.append("")
        lines += (email_marks.lines(content) or htmls.to_text(content).split("\n")) if is_rich else content.split("\n")
    return lines


def _add_file(mail: ParsedMail, leaf: Leaf) -> None:
    place = len(mail.attachments)
    mail.attachments.append(email_files.attachment(leaf, place + 1, mail.problems))
    if part := email_special.describe(leaf, mail.attachments[place], place):
        mail.parts.append(part)


def _is_body(leaf: Leaf) -> bool:
    if leaf.type not in ("text/plain", "text/html", "text/enriched", "text/richtext", "text/markdown"):
        return False
    if leaf.disposition == "attachment":
        return False
    named = bool(email_files.filename(leaf.headers, []))
    return not named or (leaf.disposition == "inline" and leaf.parent == "multipart/alternative")


def _without_stubs(plain: _Told, rich: _Told) -> _Told:
    """The plain parts without those that only say "your program shows no HTML": their HTML twin has the words."""
    kept: _Told = []
    for choice, content in plain:
        short = " ".join(content.split())
        twins = [other for number, other in rich if choice is not None and number == choice] if len(short) < 300 else []
        words = sum(len(" ".join(htmls.strip_tags(twin).split())) for twin in twins)
        if words <= 2 * len(short) + 60:
            kept.append((choice, content))
    return kept


def body_text(leaf: Leaf, problems: list[str]) -> str:
    """The words of a text part, whatever charset and line ends they came in."""
    data = email_mime.decoded(leaf, problems)[: 4 * MAX_HTML]
    charset = leaf.headers.parameter("content-type", "charset", problems)
    if leaf.type == "text/html" and email_charsets.is_unsaid(charset):
        declared = _META_CHARSET.search(data[:2_000])
        charset = declared[1].decode("ascii") if declared else ""
    content = email_charsets.decode(data, charset, problems)
    content = content.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if leaf.type in ("text/enriched", "text/richtext"):
        return _ENRICHED_MARK.sub("", content)
    if leaf.headers.parameter("content-type", "format", []).lower() == "flowed":
        return _unflowed(content, leaf.headers.parameter("content-type", "delsp", []).lower() == "yes")
    return content


def _unflowed(content: str, without_space: bool) -> str:
    """RFC 3676: lines that end in a space go on in the next one of the same quote depth."""
    lines: list[str] = []
    flowing, depth = False, 0
    for line in content.split("\n"):
        level = len(line) - len(line.lstrip(">"))
        words = line[level:].removeprefix(" ")
        is_signature = words == "-- "
        if flowing and level == depth and not is_signature:
            lines[-1] += words
        else:
            lines.append(f"{'>' * level} {words}" if level else words)
        flowing, depth = words.endswith(" ") and not is_signature and bool(words.strip()), level
        if flowing and without_space:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)
