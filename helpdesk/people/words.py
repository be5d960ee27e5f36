"""Why somebody gets no work, in the reader's language. Times are told by the clock of whom they concern."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _

from helpdesk.lib import clock


def reason(
    data: Mapping[str, Any], *, zone: str, load: int = 0, limit: int | None = None, skills: Mapping[str, str]
) -> str:
    """A stored reason (`assignment.account.reason_data`) in words; `skills` are their labels by slug."""
    until = _until(data.get("until"), zone)
    missing = ", ".join(skills.get(slug, slug) for slug in data.get("skills", []))
    words = {
        "not_in_team": _("not in the team"),
        "deactivated": _("deactivated"),
        "reader": _("may only read"),
        "offline": _("offline"),
        "away": _("away"),
        "finishing": _("finishing, takes nothing new"),
        "full": _("at capacity %(load)s/%(limit)s") % {"load": load, "limit": limit},
        "lacks_skill": _("lacks the skill %(name)s") % {"name": missing},
        "off_shift": _("off shift until %(time)s") % {"time": until} if until else _("off shift"),
        "absent": _("absent until %(time)s") % {"time": until},
        "declined": _("just declined"),
        "not_accepted": _("did not accept in time"),
    }
    return words.get(str(data["code"]), str(data["code"]))


def _until(stored: str | None, zone: str) -> str:
    """'14:00' within a day by the person's own clock, else with the date."""
    if not stored:
        return ""
    moment = datetime.fromisoformat(stored)
    local = moment.astimezone(ZoneInfo(zone))
    time = formats.time_format(local.time(), "H:i")
    if local.date() == clock.now().astimezone(ZoneInfo(zone)).date():
        return time
    return _("%(day)s, %(time)s") % {"day": formats.date_format(local.date(), "j F"), "time": time}
