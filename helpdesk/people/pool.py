"""The people who might get work, read in a number of queries that does not grow with them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from helpdesk.lib.hours import ALWAYS, Span, Week, is_zone
from helpdesk.people import presence
from helpdesk.people.choosing import Person
from helpdesk.people.models import Absence, User

Loads = Callable[[Sequence[int]], Mapping[int, int]]
Limit = Literal["ticket_capacity", "chat_capacity"]


def of_team(team_id: int, moment: datetime, *, loads: Loads, limit: Limit) -> list[Person]:
    """The members of a team who can be given work, and those who cannot, in the order of their ids. Five queries and `loads`."""
    return of_teams({team_id}, moment, loads=loads, limit=limit)


def of_teams(team_ids: Collection[int], moment: datetime, *, loads: Loads, limit: Limit) -> list[Person]:
    """The members of any of these teams, each once."""
    members = User.objects.filter(teams__in=team_ids, is_active=True).exclude(role=User.Role.READER)
    return persons(members.distinct(), moment, loads=loads, limit=limit)


def one(user_id: int, moment: datetime, *, loads: Loads, limit: Limit) -> Person | None:
    """One user as a person, member of whatever team, also when deactivated."""
    return next(iter(persons(User.objects.filter(pk=user_id), moment, loads=loads, limit=limit)), None)


def persons(users: QuerySet[User], moment: datetime, *, loads: Loads, limit: Limit) -> list[Person]:
    """Users as people who may be chosen."""
    found = list(with_work(users, moment).order_by("pk"))
    ids = [user.pk for user in found]
    there, load = presence.present(ids), loads(ids) if ids else {}
    return [
        Person(
            id=user.pk,
            name=user.name,
            role=user.role,
            zone=zone_of(user),
            is_active=user.is_active,
            is_present=user.pk in there,
            availability=user.availability,
            skills=frozenset(skill.slug for skill in user.skills.all()),
            load=load.get(user.pk, 0),
            limit=getattr(user, limit),
            hours=week_of(user),
            absences=tuple((absence.starts_at, absence.ends_at) for absence in user.absences.all()),
        )
        for user in found
    ]


def with_work(users: QuerySet[User], moment: datetime) -> QuerySet[User]:
    """Their skills, shifts and coming absences with them: three queries more, however many they are."""
    coming = Prefetch("absences", queryset=Absence.objects.coming(moment))
    return users.prefetch_related("skills", "shifts", coming)


def zone_of(user: User) -> str:
    """The zone in which the user's shifts are meant."""
    return user.timezone if is_zone(user.timezone) else str(settings.TIME_ZONE)


def week_of(user: User) -> Week:
    """The user's shifts; who has none is always on shift."""
    spans = tuple(Span(shift.weekday, shift.starts, shift.ends) for shift in user.shifts.all())
    return Week(zone_of(user), spans) if spans else ALWAYS
