"""What a ticket asks of whoever gets it: skills named by its queue, by a rule, and its language."""

from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.lib import errors
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people.models import Skill
from tickets.models import Ticket, TicketSkill

Origin = Literal["queue", "rule", "language"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A skill and who asks for it."""

    slug: str
    origin: Origin


def known() -> list[Skill]:
    """All skills of the house."""
    return list(Skill.objects.all())


def check(slugs: list[str]) -> None:
    """Raise Invalid when one of them is no skill of the house."""
    known_slugs = set(Skill.objects.filter(slug__in=slugs).values_list("slug", flat=True))
    if unknown := sorted(set(slugs) - known_slugs):
        raise errors.Invalid(fields={"actions": [_("Unknown skill: %(name)s") % {"name": ", ".join(unknown)}]})


@transaction.atomic
def require(ticket: Ticket, slugs: list[str], *, by: Actor = SYSTEM, cause: int | None = None) -> None:
    """A rule asks for skills on this ticket, beside those it asked for before; unknown ones are ignored."""
    asked = set(TicketSkill.objects.filter(ticket=ticket).values_list("skill__slug", flat=True))
    new = list(Skill.objects.filter(slug__in=slugs).exclude(slug__in=asked))
    if not new:
        return
    TicketSkill.objects.bulk_create([TicketSkill(ticket=ticket, skill=skill) for skill in new], ignore_conflicts=True)
    record(names.TICKET_SKILLS, ticket, by=by, data={"skills": sorted(skill.slug for skill in new)}, cause=cause)


def asked_by(ticket: Ticket) -> list[Asked]:
    """Every skill asked, each once, the queue's first. `ticket.queue` is at hand; three queries unless prefetched.

    A language is only asked for where the queue says so and the house has people who are known to speak it.
    """
    found = [Asked(skill.slug, "queue") for skill in ticket.queue.skills.all()]
    found += [Asked(row.skill.slug, "rule") for row in ticket.asked_skills.all()]
    if ticket.queue.match_language and (language := language_skill(ticket.language)):
        found.append(Asked(language, "language"))
    return list({asked.slug: asked for asked in reversed(found)}.values())[::-1]


def language_skill(language: str) -> str | None:
    """The skill of a language: `fr` for 'fr' and 'fr-CA'; None where the house does not tell who speaks it."""
    code = language.lower().partition("-")[0]
    if not code:
        return None
    rows = Skill.objects.filter(kind=Skill.Kind.LANGUAGE, slug=code)
    return rows.values_list("slug", flat=True).first()
