"""Telephone numbers as telephone systems send them: with or without a plus, national, withheld, or an extension."""

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

_SIP = re.compile(r"^(?:sips?|tel):", re.IGNORECASE)
_NOISE = re.compile(r"[\s().\-/\u00a0\u202f]")
# Shorter ones are extensions, emergency calls and services: nobody's number
_SHORTEST = 7


def compact(told: str) -> str:
    """Without scheme, host and what stands between the digits; words stay as they are."""
    plain = _SIP.sub("", told.strip()).partition("@")[0].partition(";")[0].strip()
    bare = _NOISE.sub("", plain)
    return bare if bare.lstrip("+").isdecimal() and bare.isascii() else plain


def e164(told: str, region: str) -> str:
    """The number meant, or '' when it is withheld, an extension or none.

    Digits alone may be national or international without the plus sign: what exists in the country is taken first.
    """
    digits = compact(told)
    bare = digits.lstrip("+")
    if not bare.isascii() or not bare.isdecimal() or len(bare) < _SHORTEST:
        return ""
    tries = [(digits, region.upper()), (f"+{bare.removeprefix('00')}", None)]
    found = [number for typed, where in tries if (number := _parsed(typed, where))]
    best = next((number for number in found if phonenumbers.is_valid_number(number)), None)
    best = best or next((number for number in found if phonenumbers.is_possible_number(number)), None)
    return phonenumbers.format_number(best, PhoneNumberFormat.E164) if best else ""


def shown(number: str) -> str:
    """An E.164 number as people read it; what is none stays as it is."""
    found = _parsed(number, None) if number.startswith("+") else None
    return phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL) if found else number


def spellings(told: str, region: str) -> set[str]:
    """In lower case, everything that may stand on an agent's record for what a telephone system calls him."""
    found = {told.strip().lower(), compact(told).lower()}
    number = e164(told, region)
    if parsed := _parsed(number, None) if number else None:
        national = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
        found |= {number, number.lstrip("+"), compact(national)}
    return found - {""}


def _parsed(typed: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, region)
    except phonenumbers.NumberParseException:
        return None
