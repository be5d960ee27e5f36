"""What the demo's desk finds at this very moment: visitors in the chat line, and people who are waiting for a call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import transaction

from chat import sessions
from chat.callbacks import booking, calling, slots
from chat.callbacks.booking import Wish
from chat.models import Callback, Session, Site
from chat.sessions import Visit
from helpdesk.lib import clock
from helpdesk.people.models import User

# Their windows stay open for the day: nobody is there to open them again
STAY: Final = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody in the line; with `number`, somebody who wants to be called, `due_in` from now."""

    name: str
    language: str
    page: str
    words: str
    waited: timedelta = timedelta()
    number: str = ""
    due_in: timedelta | None = None
    # Who called already, and nobody answered
    tried_by: str = ""


IN_LINE: Final = (
    Caller("Nell Ashdown", "en", "/kettles/", "The lid of my kettle came with a dent. Do you need photos of it to exchange it?",
           waited=timedelta(seconds=95)),
    Caller("Maël Quéré", "fr", "/compte/", "Bonjour, l'application ne reconnaît plus mon mot de passe depuis ce matin.",
           waited=timedelta(seconds=50)),
    Caller("Priya Sandhu", "en", "/orders/", "Where is my order MF-20977? It should have come yesterday.",
           waited=timedelta(seconds=20)),
)  # fmt: skip
ON_THE_PHONE: Final = (
    Caller("Gaspard Lhomme", "fr", "/velos/", "Choisir la taille d'un vélo pliant avant de commander", number="01 99 00 01 61",
           due_in=timedelta(minutes=-4), tried_by="alice"),
    Caller("Orla Brennan", "en", "/bikes/", "A question about the warranty of a second-hand bike", number="020 7946 0417",
           due_in=timedelta(minutes=9)),
    Caller("Solène Kerbrat", "fr", "/magasin/", "Une commande de douze bouilloires pour un hôtel", number="01 99 00 01 72"),
)  # fmt: skip


def arrive(site: Site, users: dict[str, User]) -> None:
    """They come, each his waiting time ago; the jobs that offer them wait for the worker."""
    now = clock.now()
    for caller in IN_LINE:
        with clock.pretend(now - caller.waited):
            _wait(site, caller)
    for caller in ON_THE_PHONE:
        _ask(site, caller, now, users)
    Session.objects.filter(state=Session.State.WAITING).update(seen_at=now + STAY)


def _visit(caller: Caller) -> Visit:
    return Visit(language=caller.language, page=f"{settings.PUBLIC_URL}/demo/shop{caller.page}", name=caller.name)


def _id(caller: Caller) -> str:
    return str(uuid5(NAMESPACE_URL, f"demo/{caller.name}"))


@transaction.atomic
def _wait(site: Site, caller: Caller) -> None:
    session = sessions.begin(site, _visit(caller), None)
    sessions.say(session, caller.words, origin_id=_id(caller))


@transaction.atomic
def _ask(site: Site, caller: Caller, now: datetime, users: dict[str, User]) -> None:
    """The first time that is free; those who are due now were promised this hour, whenever the demo is filled."""
    free: Sequence[slots.Slot] = [*slots.Plan.of(site, site.queue, now).free()][:1]
    if not free:
        return
    session = sessions.begin(site, _visit(caller), None)
    region = "GB" if caller.language == "en" else "FR"
    wish = Wish(caller.number, "Europe/Paris", region, starts_at=free[0].starts_at, topic=caller.words)
    call, _is_new = booking.ask(session, wish, origin_id=_id(caller))
    if caller.due_in is None:
        return
    _promise(call, now + caller.due_in)
    if caller.tried_by:
        calling.outcome(call.pk, "no_answer", by=users[caller.tried_by], origin_id=_id(caller))
        _promise(call, now + caller.due_in)


def _promise(call: Callback, moment: datetime) -> None:
    Callback.objects.filter(pk=call.pk).update(due_at=moment)
