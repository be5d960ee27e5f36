"""A telephone number as somebody typed it, as it will be dialled, and as his country writes it."""

from dataclasses import dataclass
from typing import Literal, TypedDict

import phonenumbers
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from helpdesk.lib import errors, text

Kind = Literal["mobile", "fixed", "other"]
_KINDS: dict[int, Kind] = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed",
}
# Nobody waits for a call there, and some of them cost whoever calls
_UNCALLABLE = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.PAGER, PhoneNumberType.VOICEMAIL}
)
_ENDING = 2


class Shape(TypedDict):
    """The number as it is shown back before anybody is called."""

    e164: str
    national: str
    international: str
    region: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Number:
    """A number that exists by the rules of its country."""

    e164: str
    region: str
    national: str
    international: str
    kind: Kind

    @property
    def shape(self) -> Shape:
        return Shape(
            e164=self.e164,
            national=self.national,
            international=self.international,
            region=self.region,
            kind=self.kind,
        )


def check(typed: str, region: str) -> Number:
    """The number meant; `region` is the country of numbers without a prefix. Raises Invalid naming `number`."""
    line = text.one_line(typed, 60)
    try:
        found = phonenumbers.parse(line, region.upper() or None)
    except phonenumbers.NumberParseException as error:
        raise _refused() from error
    if not phonenumbers.is_valid_number(found) or found.extension:
        raise _refused()
    if phonenumbers.number_type(found) in _UNCALLABLE:
        raise errors.Invalid(fields={"number": [_("We cannot call numbers of this kind.")]})
    number = _number(found)
    if settings.CALLBACK_COUNTRIES and number.region not in settings.CALLBACK_COUNTRIES:
        raise errors.Invalid(fields={"number": [_("We do not call numbers of this country.")]})
    return number


def _refused() -> errors.Invalid:
    return errors.Invalid(fields={"number": [_("This is no telephone number that we could call.")]})


def of(e164: str) -> Number:
    """A number that was checked before."""
    return _number(phonenumbers.parse(e164, None))


def _number(found: PhoneNumber) -> Number:
    return Number(
        e164=phonenumbers.format_number(found, PhoneNumberFormat.E164),
        region=phonenumbers.region_code_for_number(found) or "",
        national=phonenumbers.format_number(found, PhoneNumberFormat.NATIONAL),
        international=phonenumbers.format_number(found, PhoneNumberFormat.INTERNATIONAL),
        kind=_KINDS.get(phonenumbers.number_type(found), "other"),
    )


def masked(e164: str) -> str:
    """What a mail may show of it: its last digits."""
    return f"•• {e164[-_ENDING:]}"
