"""Which days a report covers."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock, errors

DEFAULT_DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """From the start of the first day to the end of the last, in the installation's time zone."""

    first: date
    last: date

    @classmethod
    def parse(cls, first: str, last: str) -> Self:
        """Two ISO days, both included; missing ones make it the last 30 days. Raises Invalid naming the field."""
        end = _day("to", last) or timezone.localdate(clock.now())
        start = _day("from", first) or end - timedelta(days=DEFAULT_DAYS - 1)
        if start > end:
            raise errors.Invalid(fields={"from": [_("The first day must not come after the last.")]})
        return cls(start, end)

    @property
    def start(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.first, time.min))

    @property
    def end(self) -> datetime:
        """The first moment that no longer belongs to it."""
        return timezone.make_aware(datetime.combine(self.last + timedelta(days=1), time.min))


def _day(field: str, value: str) -> date | None:
    if not value:
        return None
    try:
        found = parse_date(value)
    except ValueError:
        found = None
    if found is None or not date(2000, 1, 1) <= found <= date(2100, 1, 1):
        raise errors.Invalid(fields={field: [_("Give a day as YYYY-MM-DD.")]})
    return found
