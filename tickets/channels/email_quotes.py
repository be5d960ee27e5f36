"""The newest words of a mail: quoted history and signatures folded away, the customer's own words never.

quotequail and the phrases of mail-parser-reply know many programs and languages; both also cut honest text (a list
marked with hyphens, "Thanks," in the first line). So they only nominate lines where history may begin, and a line is
believed when what stands there looks like history: an address or a date in the line, a quoted line after it.
"""

import re
from functools import cache

import quotequail
from mailparser_reply.constants import MAIL_LANGUAGES

from helpdesk.lib import html as htmls
from helpdesk.lib import text as texts

MAX_CHARS = 200_000
MAX_LINES = 3_000
MAX_NOMINATED = 1_000
MAX_LINE = 1_000
_WINDOW = 4

_MONTHS_OR_DATES = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}|\b(19|20)\d\d\b|\b\d{1,2}[:h]\d\d\b")
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_WROTE = re.compile(
    r"^(.*\b(wrote|a [ée]crit|schrieb|ha scritto|escribi[óo]|escreveu|schreef|skrev|napisa[łl]\(?a?\)?)"
    r"|am\b.*\bschrieb\b.*|op\b.*\bschreef\b.*|[^:]{0,80}<[^<>\s]{3,300}>(\s*schrieb\b.*)?)\s*:?\s*$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^[\s>*]*[-_=–—]{2,}\s*(original (message|appointment)|reply message|message d.origine"
    r"|(message|mail|courriel) original|urspr[üu]ngliche (nachricht|mail)|mensaje original|messaggio originale"
    r"|oorspronkelijk bericht)\s*[-_=–—]{2,}\s*$",
    re.IGNORECASE,
)
_FORWARD = re.compile(
    r"^[\s*]*([-_=]{2,}\s*)?(forwarded (message|by)|begin forwarded message|message (transf[ée]r[ée]|r[ée]exp[ée]di[ée])"
    r"|d[ée]but du message (transf[ée]r[ée]|r[ée]exp[ée]di[ée])|weitergeleitete nachricht"
    r"|anfang der weitergeleiteten (nachricht|e-mail)"
    r"|mensaje reenviado|messaggio inoltrato|doorgestuurd bericht)\b.{0,80}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^\s*_{20,}\s*$")
_SENDER_FIELD = re.compile(r"^[\s>*]*(from|de|von|da|van|från)\s*\*?\s*:\s*\*?\s*\S", re.IGNORECASE)
_OTHER_FIELD = re.compile(
    r"^[\s>*]*(sent|date|to|cc|subject|envoy[ée]|[àa]|objet|sujet|gesendet|datum|an|betreff|kopie|inviato|data|oggetto|a|enviado|para|asunto"
    r"|verzonden|aan|onderwerp)\s*\*?\s*:\s*\*?",
    re.IGNORECASE,
)
_DATE_FIELD = re.compile(
    r"^[\s>*]*(sent|date|envoy[ée]|gesendet|datum|inviato|data|enviado( el)?|verzonden|fecha)\s*\*?\s*:", re.IGNORECASE
)
_DELIMITER = re.compile(r"^-- ?$|^—$|^_{2,5}$")
_PHONE_LINE = re.compile(
    r"^[\s>]*(sent from (my|outlook|mail for|yahoo|samsung|proton)\b.{0,60}|get outlook for (ios|android).{0,80}|sent via .{0,40}"
    r"|envoy[ée] (de|depuis|[àa] partir de) (mon|ma|outlook|yahoo|l.application|proton|courrier|samsung)\b.{0,60}"
    r"|t[ée]l[ée]charger outlook pour.{0,80}|obtenez outlook pour.{0,80}|provenance\s*: courrier pour windows.{0,40}"
    r"|von meinem .{0,40} gesendet|gesendet (von|mit|aus) .{0,60}|outlook f[üu]r (ios|android) (herunterladen|beziehen).{0,80}"
    r"|holen sie sich outlook.{0,80}|enviado desde mi .{0,40}|inviato da .{0,40}|verstuurd vanaf .{0,40})\s*$",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"^\s*((bien |tr[èe]s |mes )?(cordialement|(sinc[èe]res |meilleures )?salutations( distingu[ée]es)?)( à vous)?"
    r"|bien à (vous|toi)|respectueusement|amicalement|(kind|best|warm|many)? ?regards|best( wishes)?|all the best"
    r"|sincerely( yours)?"
    r"|yours (sincerely|faithfully|truly)|cheers|mit freundlichen gr[üu](ß|ss)en"
    r"|(viele|beste|liebe|freundliche|herzliche|sch[öo]ne) gr[üu](ß|ss)e"
    r"|mfg|lg|vg)\s*[,.!]?\s*$",
    re.IGNORECASE,
)
_POSTSCRIPT = re.compile(r"^\s*p\.? ?s\.?\b", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_QUOTED_TAIL = re.compile(r"^\s*>")


def newest(text: str, *, html: str = "") -> str:
    """What the sender typed now. `html` is given when `text` was made from it, so that its quote marks help.

    Nothing that would leave an empty text is cut, and a forwarded mail is kept whole: its history is what is being sent.
    """
    if html and (own := _newest_of_html(html)):
        text = own
    head, tail = text[:MAX_CHARS], text[MAX_CHARS:]
    lines = head.split("\n")
    if len(lines) > MAX_LINES:
        tail = "\n".join(lines[MAX_LINES:]) + tail
        lines = lines[:MAX_LINES]
    kept, has_history = _without_history(lines)
    if not has_history and tail:
        return texts.clean("\n".join(kept) + tail)
    own = texts.clean("\n".join(_without_signature(kept)))
    return _BLANK_LINES.sub("\n\n", own) or texts.clean(text)


def _without_history(lines: list[str]) -> tuple[list[str], bool]:
    start = _history_start(lines)
    if start is None:
        kept = [line for line in lines if not _QUOTED_TAIL.match(line)]
        return (kept, True) if _has_words(kept) and len(kept) < len(lines) else (lines, False)
    begin, length, is_forward = start
    before = [line for line in lines[:begin] if not _QUOTED_TAIL.match(line)]
    if is_forward:
        return lines, False
    after = _answers_between(lines[begin + length :])
    kept = [*before, "", *after] if after else before
    return (kept, True) if _has_words(kept) else (lines, False)


def _answers_between(history: list[str]) -> list[str]:
    """Lines written below or between quoted ones, when the history is marked line by line; else nothing is told apart."""
    quoted = [index for index, line in enumerate(history) if _QUOTED_TAIL.match(line)]
    if not quoted or _has_words(history[: quoted[0]]):
        return []
    own: list[str] = []
    for index, line in enumerate(history):
        if _QUOTED_TAIL.match(line):
            continue
        wrapped = (
            0 < index < quoted[-1] and _QUOTED_TAIL.match(history[index - 1]) and _QUOTED_TAIL.match(history[index + 1])
        )
        if wrapped and len(line) < 30 and len(history[index - 1]) > 60:
            continue  # the end of a quoted line that a mail server broke
        own.append(line)
    return own if _has_words(own) else []


def _history_start(lines: list[str]) -> tuple[int, int, bool] | None:
    """Where the history begins, how many lines announce it, and whether it was forwarded on purpose."""
    nominated = _nominated(lines)
    for index, line in enumerate(lines):
        if not line.strip() or len(line) > MAX_LINE:
            continue
        if _FORWARD.match(line):
            return (index, 1, True)
        if _SEPARATOR.match(line):
            return (index, 1, False)
        if _RULE.match(line) and _is_header_block(lines, _next_full(lines, index + 1)):
            return (index, 1, False)
        if _is_header_block(lines, index):
            return (index, 1, False)
        length = _wrote_length(lines, index, nominated)
        if length:
            return (index, length, False)
    return None


def _nominated(lines: list[str]) -> int | None:
    """The line that quotequail takes for the beginning of quoted text."""
    head = "\n".join(line[:MAX_LINE] for line in lines[:MAX_NOMINATED])
    parts = quotequail.quote(head, limit=MAX_LINES, quote_intro_line=True)
    if len(parts) < 2:
        return None
    return parts[0][1].count("\n") + 1 if parts[0][1] else 0


def _wrote_length(lines: list[str], index: int, nominated: int | None) -> int:
    """How many lines say "on … somebody wrote:", 0 when they do not."""
    joined = ""
    for length in range(1, _WINDOW + 1):
        if index + length > len(lines) or not lines[index + length - 1].strip():
            return 0
        joined = f"{joined} {lines[index + length - 1].strip()}".strip()
        if len(joined) > MAX_LINE:
            return 0
        if not joined.endswith((":", "：")) and not (length == 1 and nominated == index):
            continue
        follows = _next_full(lines, index + length)
        is_quoted_after = follows is not None and bool(_QUOTED_TAIL.match(lines[follows]))
        looks_dated = bool(_ADDRESS.search(joined) or _MONTHS_OR_DATES.search(joined))
        is_phrase = bool(_WROTE.match(joined)) or _known_phrase(joined)
        if (is_phrase and looks_dated) or ((is_phrase or nominated == index) and is_quoted_after):
            return length
    return 0


@cache
def _phrases() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(known["wrote_header"], re.IGNORECASE) for known in MAIL_LANGUAGES.values() if "wrote_header" in known
    )


def _known_phrase(line: str) -> bool:
    """Whether mail-parser-reply knows the phrase in any of its languages; they backtrack, so only short lines are asked."""
    return len(line) <= 300 and any(phrase.match(line) for phrase in _phrases())


def _is_header_block(lines: list[str], index: int | None) -> bool:
    """`From:` followed at once by at least two of Sent, To, Subject, one of them a date: nobody types that by hand."""
    if index is None:
        return False
    if _DATE_FIELD.match(lines[index][:MAX_LINE]) and index + 1 < len(lines):
        index += 1  # GMX and Web.de put the date first
    if not _SENDER_FIELD.match(lines[index][:MAX_LINE]):
        return False
    block = [line[:MAX_LINE] for line in lines[index + 1 : index + 8]]
    others = sum(bool(_OTHER_FIELD.match(line)) for line in block)
    dated = any(_DATE_FIELD.match(line) for line in block)
    addressed = bool(_ADDRESS.search(lines[index][:MAX_LINE]))
    return (others >= 2 and dated) or (others >= 2 and addressed)


def _next_full(lines: list[str], index: int) -> int | None:
    return next((place for place in range(index, min(index + 4, len(lines))) if lines[place].strip()), None)


def _without_signature(lines: list[str]) -> list[str]:
    lines = _without_blank_end(lines)
    while lines and len(lines[-1]) < 200 and _PHONE_LINE.match(lines[-1]) and _has_words(lines[:-1]):
        lines = _without_blank_end(lines[:-1])
    for index in range(max(1, len(lines) - 16), len(lines)):
        below = lines[index + 1 :]
        if any(_POSTSCRIPT.match(line) for line in below):
            continue
        if _DELIMITER.match(lines[index]) and _has_words(lines[:index]):
            return _without_blank_end(lines[:index])
        if _CLOSING.match(lines[index][:200]) and _has_words(lines[:index]) and _is_visiting_card(below):
            return _without_blank_end(lines[:index])
    return lines


def _is_visiting_card(lines: list[str]) -> bool:
    """A few short lines without a question or a sentence: a name, a firm, a telephone number."""
    full = [line.strip() for line in lines if line.strip()]
    is_short = all(len(line) <= 80 and len(line.split()) <= 9 for line in full)
    return len(full) <= 8 and is_short and not any("?" in line or line.endswith(".") for line in full)


def _without_blank_end(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _has_words(lines: list[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line)


# --- HTML ------------------------------------------------------------------------------------------------------------

_QUOTE_XPATH = (
    "//blockquote[@type='cite' or contains(@class, 'gmail_quote') or contains(@class, 'moz-')]"
    " | //div[contains(concat(' ', @class, ' '), ' gmail_quote ') or contains(@class, 'gmail_quote_container')"
    " or contains(@class, 'yahoo_quoted') or contains(@class, 'moz-cite-prefix') or contains(@class, 'protonmail_quote')]"
)
_CUT_XPATH = (
    "//*["
    + " or ".join(
        f"@id='{name}'"
        for name in ("divRplyFwdMsg", "x_divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container")
    )
    + "]"
)
_SIGNATURE_XPATH = (
    "//*[contains(@class, 'gmail_signature') or contains(@class, 'moz-signature') or @id='Signature'"
    " or @id='ms-outlook-mobile-signature']"
)


def _newest_of_html(html: str) -> str:
    """The text of an HTML mail without the elements that mail programs put history in; '' when that leaves nothing."""
    if html.count("<") > htmls.MAX_TAGS_DRAWN or not htmls.is_bearable(html):
        return ""
    tree = htmls.parse(html)
    if tree is None or any(_FORWARD.match(line.strip()) for line in htmls.to_text(html)[:MAX_CHARS].split("\n")):
        return ""
    for mark in tree.xpath(_CUT_XPATH):
        following = mark
        while following is not None:
            after = following.getnext()
            _remove(following)
            following = after
    for element in tree.xpath(f"{_QUOTE_XPATH} | {_SIGNATURE_XPATH}"):
        _remove(element)
    text = htmls.to_text(htmls.serialize(tree))
    return text if _has_words(text.split("\n")) else ""


def _remove(element: object) -> None:
    """Take an element out but leave the text that follows it."""
    if getattr(element, "getparent", lambda: None)() is not None:
        element.drop_tree()  # type: ignore[attr-defined]
