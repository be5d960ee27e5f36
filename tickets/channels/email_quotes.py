# ruff: noqa: E501 (tables of phrases keep their lines)
"""The newest words of a mail: quoted history and signatures folded away, the customer's own words never.

Lines are judged, not whole texts: what a program announces (`email_phrases`) or marks with `>` is history, anything
else is somebody's own. Where the two cannot be told apart, nothing is folded.
"""

import re
from dataclasses import dataclass, field

from helpdesk.lib import text as texts
from tickets.channels import email_marks, email_phrases, email_signatures

MAX_CHARS = 200_000
MAX_LINES = 3_000

_BLANK_LINES = re.compile(r"\n(?:[ \t]*\n){2,}")
_RULE = re.compile(r"^\s*[-_=–—*]{3,}\s*$")
_GREETING = re.compile(
    r"^\s*(?:bonjour|bonsoir|salut|ch[èe]re?s?|hello|hi|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen|abend)"
    r"|sehr geehrter?|liebe[rs]?|moin|gr[üu](?:ß|ss) gott|servus|hola|ciao|buongiorno)\b[^.?!:]{0,60}[,!.]?\s*$",
    re.IGNORECASE,
)
# "My answers are between your lines": then lines without marks cannot be told apart
_BETWEEN = re.compile(
    r"\b(?:in[- ]?line|in (?:red|blue|green|bold|capitals)|in the (?:text|mail|e-?mail) below|(?:see|my|find) (?:answers?|comments?|repl(?:y|ies)|notes?)"
    r"(?: are)? (?:below|between|in)|answers? below|see below|between (?:your|the) lines|en (?:rouge|bleu|vert|gras|majuscules)|dans (?:le texte|votre (?:mail|message|texte))"
    r"|(?:mes )?(?:r[ée]ponses?|commentaires?|remarques?) (?:ci-dessous|dans|entre|en dessous|plus bas|au fil)|ci-dessous|ci-apr[èe]s|entre vos lignes|au fil du texte"
    r"|in (?:rot|blau|gr[üu]n|fett)|(?:siehe|s\.) unten|antworten? (?:unten|im text|zwischen|direkt)|im text (?:unten|darunter)|zwischen (?:den|ihren) zeilen"
    r"|weiter unten|untenstehend)\b",
    re.IGNORECASE,
)


def newest(text: str, *, html: str = "", is_forward: bool = False, is_reply: bool = True) -> str:
    """What the sender typed now. `html` is given when `text` was made from it, so that its quote marks help.

    `is_forward` says that the mail passes another one on: its history is what is being sent, all of it stays.
    `is_reply` says that it answers something; lines marked with `>` in a mail that answers nothing are the sender's own.
    Nothing that would leave an empty text is folded.
    """
    marked = email_marks.lines(html) if html else None
    lines = marked if marked is not None else text.split("\n")
    return newest_of_lines(text, lines, is_forward=is_forward, is_reply=is_reply)


def newest_of_lines(text: str, lines: list[str], *, is_forward: bool, is_reply: bool) -> str:
    """The same from the lines of a text, in which `email_marks` may have marked quotes and signatures."""
    size, count = 0, 0
    for line in lines[:MAX_LINES]:
        size += len(line) + 1
        if size > MAX_CHARS:
            break
        count += 1
    head, tail = lines[:count], lines[count:]
    kept = _without_history(head, is_forward=is_forward, is_reply=is_reply)
    if tail and not kept.has_history:
        return joined([*head, *tail])
    if kept.is_passed_on:
        return _BLANK_LINES.sub("\n\n", joined(head))
    # Who answers between the lines signs above them or below
    above = email_signatures.without(kept.above, may_be_all=has_words(kept.below))
    below = email_signatures.without(kept.below, may_be_all=has_words(above)) if kept.below else []
    return _BLANK_LINES.sub("\n\n", joined([*above, "", *below])) or texts.clean(text)


def joined(lines: list[str]) -> str:
    """The lines as a text without the marks that HTML left."""
    return texts.clean("\n".join(line for line in lines if not email_marks.is_mark(line)))


@dataclass(frozen=True, slots=True)
class _Own:
    """The lines that are the sender's own: above the history, and below or between its lines."""

    above: list[str]
    below: list[str] = field(default_factory=list)
    has_history: bool = False
    # The mail passes another one on, which belongs to it
    is_passed_on: bool = False


def _without_history(lines: list[str], *, is_forward: bool, is_reply: bool) -> _Own:
    start = _history_start(lines, is_reply=is_reply or is_forward)
    if start is None:
        return _without_bare_quotes(lines) if is_reply else _Own(lines)
    begin, after, is_forward_mark = start
    before = _without_rules([line for line in lines[:begin] if not _is_quoted(line)])
    if is_forward_mark or (is_forward and _is_block(lines, begin)):
        return _Own(lines, is_passed_on=True)
    below: list[str] = []
    if any(map(_is_quoted, lines[begin:])):
        below = _between_quotes(lines[after:])
    elif _must_stay(before):
        return _Own(lines)
    return _Own(before, below, has_history=True) if has_words(before) or has_words(below) else _Own(lines)


def _must_stay(before: list[str]) -> bool:
    """Whether what stands above unmarked history says that the answer is in it."""
    words = [line for line in before if line.strip()]
    if any(_BETWEEN.search(line[:500]) for line in words):
        return True
    return bool(words) and all(_GREETING.match(line[:200]) for line in words)


def _without_bare_quotes(lines: list[str]) -> _Own:
    """Nothing announces history: lines marked with `>` are history in an answer, unless they are somebody's list."""
    kept: list[str] = []
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and _is_quoted(lines[end]):
            end += 1
        intro = next((line.strip() for line in reversed(kept) if line.strip()), "")
        is_list = (
            end > index
            and intro.endswith(":")
            and end - index <= 10
            and all(len(line) < 100 for line in lines[index:end])
        )
        if end == index:
            kept.append(lines[index])
            end += 1
        elif is_list:
            kept.extend(lines[index:end])
        index = end
    has_left_out = len(kept) < len(lines) and has_words(kept)
    return _Own(kept if has_left_out else lines, has_history=has_left_out)


def _between_quotes(history: list[str]) -> list[str]:
    """Lines below or between quoted ones, when the history is marked line by line; else nothing is told apart."""
    quoted = [index for index, line in enumerate(history) if _is_quoted(line)]
    if not quoted:
        return []
    own: list[str] = []
    if not has_words(history[: quoted[0]]):
        own = [
            line
            for index, line in enumerate(history)
            if not _is_quoted(line) and not _is_broken_end(history, index, quoted[-1])
        ]
        own = _without_announcements(own)
    else:
        # Unmarked history with older, marked history in it: only what follows the last mark may be the sender's
        return []
    return own if has_words(own) else []


def _is_broken_end(history: list[str], index: int, last: int) -> bool:
    """The end of a quoted line that a mail server broke."""
    if not 0 < index < last or not history[index].strip():
        return False
    above, below = history[index - 1], history[index + 1]
    return _is_quoted(above) and _is_quoted(below) and len(history[index]) < 30 and len(above) > 60


def _without_announcements(lines: list[str]) -> list[str]:
    """Own lines between quotes may have "on … wrote:" of an older mail among them."""
    for index, line in enumerate(lines):
        if line.rstrip().endswith((":", "：")):
            length = email_phrases.attribution_end(lines, index, is_quoted_after=False)
            if length:
                return lines[: index - length + 1] + lines[index + 1 :]
    return lines


def _history_start(lines: list[str], *, is_reply: bool) -> tuple[int, int, bool] | None:
    """Where the history begins, where what announces it ends, and whether it is passed on on purpose.

    In a mail that answers nothing, sender and subject on lines of their own are what a web form asked for.
    """
    for index, line in enumerate(lines):
        plain = email_phrases.bare(line)
        if (len(plain) < 3 and plain not in ":：") or not plain or len(line) > email_phrases.MAX_LINE:
            continue
        if email_phrases.is_forward_mark(line):
            return index, index + 1, True
        if email_phrases.is_separator(line) or (plain[0] in "-=#_*" and email_phrases.is_reply_line(plain)):
            return index, index + 1, False
        if is_reply and (":" in plain[:30] or "：" in plain[:30]) and email_phrases.is_header_block(lines, index):
            return index, index + 1, False
        if plain[-1] in ":：" or plain[:7].lower() == "message":
            following = _next_full(lines, index + 1)
            is_quoted = following is not None and _is_quoted(lines[following])
            length = email_phrases.attribution_end(lines, index, is_quoted_after=is_quoted or _is_quoted(line))
            if length:
                return index - length + 1, index + 1, False
    return None


def _is_block(lines: list[str], index: int) -> bool:
    return email_phrases.is_header_block(lines, index) or email_phrases.is_separator(lines[index])


def _is_quoted(line: str) -> bool:
    return line.lstrip(" \t\xa0").startswith(">")


def _next_full(lines: list[str], index: int) -> int | None:
    return next((place for place in range(index, min(index + 4, len(lines))) if lines[place].strip()), None)


def _without_rules(lines: list[str]) -> list[str]:
    """Lines at the end that only draw a line go with the history they announce."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _RULE.match(lines[end - 1])):
        end -= 1
    return lines[:end]


def has_words(lines: list[str]) -> bool:
    """Whether anything in them can be read."""
    return any(character.isalnum() for line in lines if not email_marks.is_mark(line) for character in line)
