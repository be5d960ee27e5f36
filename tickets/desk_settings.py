"""How a queue gives its work out, and when the desk is open: what leads set."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import errors, hours, text
from helpdesk.people.models import Skill, User
from tickets.models import Calendar, Queue

PLAIN = ("strategy", "match_language", "skill_relax_seconds", "offer_seconds", "when_agent_away")


def queues(user: User) -> QuerySet[Queue]:
    """The queues whose settings the user may see: those of his teams, all for administrators."""
    rows = Queue.objects.filter(is_active=True)
    if user.role != User.Role.ADMIN:
        rows = rows.filter(team__members=user)
    return rows.select_related("team", "calendar").prefetch_related("skills")


def queue(user: User, slug: str, *, needs: str = "team.read") -> Queue:
    """One of them. Raises NotFound when it is not within reach, NotAllowed when it may not be changed."""
    found = queues(user).filter(slug=slug).first()
    if found is None:
        raise errors.NotFound()
    if not user.may(needs):
        raise errors.NotAllowed()
    return found


@transaction.atomic
def change_queue(row: Queue, given: dict[str, Any], *, by: User) -> None:
    """Set what is given; `skills` and `calendar` are slugs. Raises Invalid when one is unknown; nothing is changed then."""
    plain = [name for name in PLAIN if name in given]
    for name in plain:
        setattr(row, name, given[name])
    if "calendar" in given:
        row.calendar = _calendar(given["calendar"])
        plain.append("calendar")
    row.save(update_fields=plain)
    if "skills" in given:
        row.skills.set(_skills(given["skills"]))
    record(names.QUEUE_CHANGED, row, by=by.actor, data={"what": sorted(given)})


def _calendar(slug: str | None) -> Calendar | None:
    if not slug:
        return None
    found = Calendar.objects.filter(slug=slug).first()
    if found is None:
        raise errors.Invalid(fields={"calendar": [_("There is no such calendar.")]})
    return found


def _skills(slugs: list[str]) -> list[Skill]:
    found = list(Skill.objects.filter(slug__in=slugs))
    if unknown := sorted(set(slugs) - {skill.slug for skill in found}):
        raise errors.Invalid(fields={"skills": [_("Unknown skill: %(name)s") % {"name": ", ".join(unknown)}]})
    return found


# --- calendars -------------------------------------------------------------------------------------------------------
@transaction.atomic
def create_calendar(given: dict[str, Any], *, by: User) -> Calendar:
    """New opening hours. Raises Invalid for hours that are none, Conflict `exists` for a name that is taken."""
    slug = slugify(given.get("slug") or given["name"])[:50]
    if not slug:
        raise errors.Invalid(fields={"name": [_("A calendar needs a name.")]})
    if Calendar.objects.filter(slug=slug).exists():
        raise errors.Conflict(_("There is already a calendar of this name."), code="exists")
    row = Calendar(slug=slug)
    _set(row, given)
    record(names.CALENDAR_CHANGED, row, by=by.actor, data={"change": "created"})
    return row


@transaction.atomic
def change_calendar(row: Calendar, given: dict[str, Any], *, by: User) -> Calendar:
    """Other hours, holidays, zone or name; the first default one stays so until another is."""
    _set(row, given)
    record(names.CALENDAR_CHANGED, row, by=by.actor, data={"change": "updated"})
    return row


def _set(row: Calendar, given: dict[str, Any]) -> None:
    for name in ("timezone", "hours", "holidays", "is_default"):
        if name in given:
            setattr(row, name, given[name])
    if "name" in given:
        row.name = text.one_line(given["name"], 80)
    try:
        week = hours.parse(row.timezone, row.hours, row.holidays)
    except (ValueError, KeyError, TypeError) as error:
        raise errors.Invalid(fields={"hours": [_("Hours need a start and an end and may not overlap.")]}) from error
    row.hours = [
        {"weekday": span.weekday, "starts": hours.spelled(span.starts), "ends": hours.spelled(span.ends)}
        for span in week.spans
    ]
    row.holidays = sorted(day.isoformat() for day in week.holidays)
    if row.is_default:
        Calendar.objects.filter(is_default=True).exclude(pk=row.pk).update(is_default=False)
    row.save()


@transaction.atomic
def delete_calendar(row: Calendar, *, by: User) -> None:
    """Remove hours that no queue uses. Raises Conflict `in_use` otherwise."""
    if used := row.queues.count():
        raise errors.Conflict(_("Queues use these hours."), code="in_use", queues=used)
    record(names.CALENDAR_CHANGED, row, by=by.actor, data={"change": "deleted"})
    row.delete()
