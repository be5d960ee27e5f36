"""Find what should not lie around: card numbers, bank accounts, keys, identity and health. Pure, and quick where there is none.

Offsets are of the text as given. `mask` keeps the length of a text, so that offsets of anything else stay true.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from helpdesk.lib import text
from tickets.qualification.lexicon import Lexicon

CARD, IBAN, KEY, IDENTITY, HEALTH = "card", "iban", "key", "identity", "health"
_READ = 100_000
_MOST = 50
# In how many groups of digits somebody may write one card
_MOST_GROUPS = 8


class Found(NamedTuple):
    """One sensitive place: its kind and offsets."""

    kind: str
    start: int
    end: int


# Digits, singly separated as people and forms write them
_DIGITS = re.compile(r"\d(?:(?:[ \u00a0\u202f.\-]|&nbsp;){0,2}\d){12,60}")
_GROUP = re.compile(r"\d+")
# An account begins with a country; a card before it must not be read into it
_IBAN = re.compile(r"\d\d(?<=[A-Za-z]{2}\d\d)(?:[ \u00a0\u202f\-]?[A-Za-z0-9]){11,34}")
_KEY_MARKS = (
    "PRIVATE KEY-----", "AKIA", "ASIA", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox", "_live_",
    "_test_", "AIza", "sk-", "npm_", "eyJ",
)  # fmt: skip
_KEYS = re.compile(
    r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:[\s\S]{0,8000}?-----END [A-Z ]{0,20}PRIVATE KEY-----)?"
    r"|\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,251}|github_pat_\w{22,255}|glpat-[\w\-]{20,64}"
    r"|xox[abprs]-[A-Za-z0-9\-]{10,250}|[sr]k_(?:live|test)_[A-Za-z0-9]{16,250}|AIza[\w\-]{35}|sk-[\w\-]{32,200}"
    r"|npm_[A-Za-z0-9]{36}|eyJ[\w\-]{10,4000}\.eyJ[\w\-]{10,8000}\.[\w\-]{10,2000})(?![A-Za-z0-9])"
)
# What follows when somebody tells a password: a colon, "is", and something that is no plain word
_SECRET = re.compile(r" ?(?:is|est)? ?[:=]? {0,3}(?P<secret>(?=\S{0,80}[\d!@#$%^&*_])\S{4,80})")
_LEXICON = Lexicon(
    {
        KEY: (
            "password|passphrase|passwd|api key|api-key|api_key|secret key|secret-key|secret_key|mot de passe|mdp|cle api|"
            "cle secrete|code pin|pin code"
        ),
        IDENTITY: (
            "passport|passeport|carte d'identite|carte d’identite|carte nationale d'identite|carte nationale d’identite|"
            "piece d'identite|piece d’identite|identity card|id card|national id|driving licence|driving license|"
            "driver's licence|driver's license|drivers license|permis de conduire|titre de sejour|residence permit|"
            "social security number|social security card|numero de securite sociale|carte vitale|birth certificate|"
            "acte de naissance|national insurance number"
        ),
        HEALTH: (
            "medical record*|medical report*|medical certificate*|medical history|medical condition*|diagnosed|diagnosis|"
            "prescription*|blood test*|hiv|cancer|diabetes|diabetic|epilepsy|epileptic|pregnant|pregnancy|surgery|"
            "psychiatr*|chemotherapy|disability|disabilities|hospitalised|hospitalized|certificat medical|"
            "dossier medical|arret maladie|diagnostic medical|ordonnance|prise de sang|vih|diabete|diabetique*|epilepsie|"
            "epileptique*|enceinte|grossesse|chirurgie|chimiotherapie|handicap|handicape|handicapee|hospitalise|"
            "hospitalisee|maladie"
        ),
    }
)


def find(source: str) -> list[Found]:
    """All sensitive places of a text, in order, none overlapping; a card or key outweighs a mere word."""
    source = source[:_READ]
    folded = text.fold(source)
    mapping = None if len(folded) == len(source) else text.fold_with_offsets(source)
    found = [*_cards(source), *_ibans(source), *_keys(source)]
    for word in _LEXICON.find(folded):
        span = (word.start, word.end)
        if word.speaks_for == KEY:
            told = _SECRET.match(folded, word.end)
            if told is None:
                continue
            span = told.span("secret")
        found.append(Found(word.speaks_for, *(mapping.span(*span) if mapping else span)))
    return _apart(found)[:_MOST]


def _apart(found: Sequence[Found]) -> list[Found]:
    weight = {CARD: 0, KEY: 1, IBAN: 2}
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (weight.get(one.kind, 3), one.start)):
        if all(one.end <= other.start or other.end <= one.start for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)


def _keys(source: str) -> Iterator[Found]:
    if any(mark in source for mark in _KEY_MARKS):
        yield from (Found(KEY, *match.span()) for match in _KEYS.finditer(source))


def _cards(source: str) -> Iterator[Found]:
    """Whole groups of digits that together have a card's length, issuer and checksum, whatever stands before or behind."""
    for match in _DIGITS.finditer(source):
        groups = [(group.start(), group.end()) for group in _GROUP.finditer(source, *match.span())]
        first = 0
        while first < len(groups):
            last = _card_from(source, groups, first)
            if last is not None:
                yield Found(CARD, groups[first][0], groups[last][1])
            first = first + 1 if last is None else last + 1


def _card_from(source: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """The last of the groups that make a card from the `first` one on."""
    digits = ""
    if source[groups[first][0]] not in "23456":
        return None
    for place in range(first, min(first + _MOST_GROUPS, len(groups))):
        digits += source[slice(*groups[place])]
        if len(digits) > 19:
            return None
        if len(digits) >= 13 and _is_card(digits):
            return place
    return None


def _is_card(digits: str) -> bool:
    """Issuer ranges of payment cards, then Luhn: one order number in ten would pass Luhn alone."""
    length = len(digits)
    known = (
        (digits[0] == "4" and length in (13, 16, 19))
        or (digits[0] == "5" and length == 16 and "51" <= digits[:2] <= "55")
        or (digits[0] == "2" and length == 16 and "2221" <= digits[:4] <= "2720")
        or (digits[:2] in ("34", "37") and length == 15)
        or (digits[:2] in ("36", "38", "39", "30") and length == 14)
        or (digits[:2] in ("35", "60", "62", "64", "65") and 16 <= length <= 19)
        or (digits[:2] in ("50", "56", "57", "58", "67") and 16 <= length <= 19)
    )
    return known and len(set(digits)) > 1 and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


_IBAN_LENGTHS = dict(
    zip(
        "AD AE AL AT AZ BA BE BG BH BR BY CH CR CY CZ DE DK DO EE EG ES FI FO FR GB GE GI GL GR GT HR HU IE IL IQ IS IT JO "
        "KW KZ LB LC LI LT LU LV MC MD ME MK MR MT MU NL NO PK PL PS PT QA RO RS SA SC SE SI SK SM ST SV TL TN TR UA VA VG "
        "XK".split(),
        [int(n) for n in (
            "24 23 28 20 28 20 16 22 22 29 28 21 22 28 24 22 18 28 20 29 24 18 18 27 22 22 23 18 27 28 21 28 22 23 23 26 27 "
            "30 30 20 28 32 21 20 20 21 27 24 22 19 27 31 30 18 15 24 28 29 25 29 24 22 24 31 24 19 24 27 25 28 23 24 26 29 "
            "22 24 20"
        ).split()],
        strict=True,
    )
)  # fmt: skip


def _ibans(source: str) -> Iterator[Found]:
    """Letters and digits of the country's length whose checksum (ISO 13616, modulo 97) holds."""
    for match in _IBAN.finditer(source):
        start = match.start() - 2
        length = _IBAN_LENGTHS.get(source[max(start, 0) : match.start()].upper())
        if length is None or start < 0 or (start and source[start - 1].isalnum()):
            continue
        end = start + _end_of(source[start : match.end()], length)
        compact = re.sub(r"[^A-Za-z0-9]", "", source[start:end]).upper()
        if len(compact) == length and _modulo_97(compact):
            yield Found(IBAN, start, end)


def _end_of(written: str, length: int) -> int:
    """Where the first `length` letters and digits end: words may follow an account without a mark between."""
    seen = 0
    for place, character in enumerate(written, start=1):
        seen += character.isalnum()
        if seen == length:
            return place
    return len(written)


def _modulo_97(compact: str) -> bool:
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def mask(source: str, found: Sequence[Found | Sequence[Any]]) -> str:
    """The text with the digits of its cards as dots, the last four excepted. Its length does not change."""
    for kind, start, end, *_ in found:
        if kind == CARD:
            source = source[:start] + _dotted(source[start:end]) + source[end:]
    return source


def mask_cards(source: str) -> str:
    """A text whose sensitive places are not known, such as HTML or a preview, with its cards masked."""
    return mask(source, list(_cards(source)))


def without_secrets(source: str) -> str:
    """A text of the same length with blanks for cards, accounts and keys: of what is left, words may be shown."""
    for kind, start, end in find(source):
        if kind in (CARD, IBAN, KEY):
            source = source[:start] + " " * (end - start) + source[end:]
    return source


def _dotted(written: str) -> str:
    last = [place for place, character in enumerate(written) if character.isdigit()][-4:]
    return "".join("•" if c.isdigit() and place not in last else c for place, c in enumerate(written))


def marks(body: str, html: str = "") -> list[dict[str, Any]]:
    """What is stored beside a message: kinds and offsets into its body; a card in its HTML alone has the offsets 0, 0."""
    found = [one._asdict() for one in find(body)]
    if html and not any(one["kind"] == CARD for one in found) and any(True for _ in _cards(html[:_READ])):
        found.append({"kind": CARD, "start": 0, "end": 0})
    return found


def mask_marked(body: str, stored: Sequence[dict[str, Any]]) -> str:
    """A message's text for screens, by what is stored beside it."""
    return mask(body, [(one["kind"], one["start"], one["end"]) for one in stored])


def mask_html(html: str, body: str, stored: Sequence[dict[str, Any]]) -> str:
    """A message's HTML for screens; '' when a card of its text cannot be found there (tags between its digits)."""
    cards = [one for one in stored if one["kind"] == CARD]
    if not html or not cards:
        return html
    masked = mask_cards(html)
    hidden = {_only_digits(html[start:end]) for _kind, start, end in _cards(html)}
    wanted = {_only_digits(body[one["start"] : one["end"]]) for one in cards if one["end"]}
    return masked if wanted <= hidden else ""


def _only_digits(written: str) -> str:
    return re.sub(r"\D", "", written)
