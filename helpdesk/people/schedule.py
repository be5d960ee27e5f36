"""What leads set of their people: skills, weekly shifts, absences, places. Each verb is one transaction and one event."""

import re
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q, QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import clock, errors, hours, text
from helpdesk.people import pool
from helpdesk.people.models import Absence, Shift, Skill, Team, User, UserSkill

MAX_SHIFTS = 50
_BETWEEN_DIGITS = re.compile(r"[\s().\-/]")
PLAIN = ("chat_capacity", "ticket_capacity", "timezone")


# --- whom one reaches ------------------------------------------------------------------------------------------------
def reach(user: User) -> QuerySet[User]:
    """Whose work the user may see: his own; a supervisor's teams; all for administrators. Readers do none."""
    workers = User.objects.exclude(role=User.Role.READER).filter(is_active=True)
    if user.role == User.Role.ADMIN:
        return workers
    reached = Q(pk=user.pk)
    if user.may("team.manage"):
        reached |= Q(pk__in=User.objects.filter(teams__in=Team.objects.filter(members=user)).values("pk"))
    return workers.filter(reached)


def shown(users: QuerySet[User]) -> QuerySet[User]:
    """With everything a person's card shows, in a fixed number of queries."""
    teams = Prefetch("teams", queryset=Team.objects.order_by("name"))
    return pool.with_work(users, clock.now()).prefetch_related(teams).order_by("name", "id")


def person(by: User, user_id: int, *, needs: str = "team.read") -> User:
    """Somebody within reach. Raises NotFound when he is not, NotAllowed when he may be seen but not changed."""
    found = shown(reach(by)).filter(pk=user_id).first()
    if found is None:
        raise errors.NotFound()
    if not by.may(needs):
        raise errors.NotAllowed()
    return found


# --- people ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def change(user: User, given: dict[str, Any], *, by: User) -> None:
    """Set what is given of `skills`, `shifts`, `extension` and the PLAIN ones; lists replace lists.

    Raises Invalid when a skill is unknown, shifts overlap, the extension is a colleague's or the zone is none; then
    nothing is changed.
    """
    plain = [name for name in PLAIN if name in given]
    if "extension" in given:
        plain.append("extension")
        given = {**given, "extension": _free_extension(user, given["extension"])}
    for name in plain:
        setattr(user, name, given[name])
    if plain:
        user.save(update_fields=plain)
    if "skills" in given:
        _set_skills(user, given["skills"])
    if "shifts" in given:
        _set_shifts(user, given["shifts"])
    record(names.AGENT_SCHEDULE, user, by=by.actor, data={"what": sorted(given)})


def _free_extension(user: User, typed: str) -> str:
    """By what the telephone system names him; it rings at one desk only."""
    extension = text.one_line(typed, 60)
    digits = _BETWEEN_DIGITS.sub("", extension)
    extension = digits if digits.lstrip("+").isdecimal() else extension
    if extension and User.objects.filter(extension__iexact=extension).exclude(pk=user.pk).exists():
        raise errors.Invalid(fields={"extension": [_("A colleague has this extension.")]})
    return extension


def _set_skills(user: User, slugs: list[str]) -> None:
    found = {skill.slug: skill for skill in Skill.objects.filter(slug__in=slugs)}
    if unknown := sorted(set(slugs) - set(found)):
        raise errors.Invalid(fields={"skills": [_("Unknown skill: %(name)s") % {"name": ", ".join(unknown)}]})
    UserSkill.objects.filter(user=user).exclude(skill__in=found.values()).delete()
    UserSkill.objects.bulk_create(
        [UserSkill(user=user, skill=skill) for skill in found.values()], ignore_conflicts=True
    )


def _set_shifts(user: User, given: list[dict[str, Any]]) -> None:
    try:
        week = hours.parse(pool.zone_of(user), given)
    except (ValueError, KeyError, TypeError) as error:
        raise errors.Invalid(fields={"shifts": [_("Shifts need a start and an end and may not overlap.")]}) from error
    if len(week.spans) > MAX_SHIFTS:
        raise errors.Invalid(fields={"shifts": [_("These are too many shifts.")]})
    Shift.objects.filter(user=user).delete()
    Shift.objects.bulk_create(
        Shift(user=user, weekday=span.weekday, starts=span.starts, ends=span.ends) for span in week.spans
    )


@transaction.atomic
def add_absence(user: User, starts_at: datetime, ends_at: datetime, reason: str = "", *, by: User) -> Absence:
    """From one moment to another the user gets no work. Raises Invalid when it is over or ends before it begins."""
    _check_absence(starts_at, ends_at)
    made = Absence.objects.create(
        user=user, starts_at=starts_at, ends_at=ends_at, reason=text.one_line(reason, 120), created_at=clock.now()
    )
    record(names.AGENT_SCHEDULE, user, by=by.actor, data={"what": ["absences"]})
    return made


@transaction.atomic
def change_absence(absence: Absence, given: dict[str, Any], *, by: User) -> Absence:
    """Another beginning, end or reason."""
    for name, value in given.items():
        setattr(absence, name, text.one_line(value, 120) if name == "reason" else value)
    _check_absence(absence.starts_at, absence.ends_at)
    absence.save(update_fields=list(given))
    record(names.AGENT_SCHEDULE, absence.user, by=by.actor, data={"what": ["absences"]})
    return absence


def _check_absence(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise errors.Invalid(fields={"ends_at": [_("An absence ends after it begins.")]})
    if ends_at <= clock.now():
        raise errors.Invalid(fields={"ends_at": [_("This absence is already over.")]})


@transaction.atomic
def remove_absence(absence: Absence, *, by: User) -> None:
    """He is there after all."""
    user = absence.user
    absence.delete()
    record(names.AGENT_SCHEDULE, user, by=by.actor, data={"what": ["absences"]})


# --- skills ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def create_skill(name: str, *, kind: str, slug: str = "", name_fr: str = "") -> Skill:
    """A new skill. A language is named by its code. Raises Invalid for a bad name, Conflict `exists` for a known one."""
    label = text.one_line(name, 60)
    code = slugify(slug or label)[:50]
    if not label or not code:
        raise errors.Invalid(fields={"name": [_("A skill needs a name.")]})
    if Skill.objects.filter(slug=code).exists():
        raise errors.Conflict(_("There is already a skill of this name."), code="exists")
    return Skill.objects.create(slug=code, name=label, name_fr=text.one_line(name_fr, 60), kind=kind)


@transaction.atomic
def delete_skill(skill: Skill, *, force: bool = False) -> None:
    """Remove a skill. Raises Conflict `in_use` while people have it or work asks for it, unless forced."""
    people, queues = skill.people.count(), skill.queues.count()
    if (people or queues) and not force:
        raise errors.Conflict(
            _("People have this skill or queues ask for it."), code="in_use", people=people, queues=queues
        )
    skill.delete()
