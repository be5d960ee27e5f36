"""The page of one request, with as much of its forms as its reader may use."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from helpdesk.people.models import Customer
from tickets import conversation, sharing
from tickets.access import Reading
from tickets.models import Participant
from tickets.portal import reading
from tickets.portal.forms import ColleagueForm, PortalForm, ReplyForm, new_id
from tickets.portal.uploads import Files

_TOLD = "colleague_told"


def tell(request: HttpRequest, told: str, who: Participant, number: int) -> None:
    """What was just done, for the next page of this request."""
    request.session[_TOLD] = {"what": told, "address": who.address, "key": who.pk, "number": number}


def _told(request: HttpRequest, number: int) -> dict[str, Any] | None:
    """Once, and only on its own page."""
    told = request.session.get(_TOLD)
    if told is None or request.method != "GET":
        return None
    del request.session[_TOLD]
    return dict(told) if told["number"] == number else None


def show(
    request: HttpRequest,
    who: Customer,
    found: Reading,
    *,
    form: ReplyForm | None = None,
    files: Files | None = None,
    colleague: ColleagueForm | None = None,
) -> HttpResponse:
    """What both sides said; the forms that were sent come with what is wrong with them."""
    ticket, rights = found.ticket, found.rights
    seen = ticket.customer_seen_seq if found.why == "asked" else ticket.last_public_seq
    if ticket.last_public_seq > seen:
        conversation.mark_seen(ticket, ticket.last_public_seq)
    form, files = form or ReplyForm(initial={"origin_id": new_id()}), files or Files()
    goes_on = reading.goes_on(ticket, who)
    context: dict[str, Any] = {
        "here": "my",
        "why": found.why,
        "rights": rights,
        "goes_on": goes_on,
        "customer": who,
        "ticket": ticket,
        "asked_by": reading.name_of(ticket.requester),
        "entries": reading.thread(ticket, who, seen=seen),
        "status": reading.status(ticket),
        "survey_url": reading.survey_url(ticket) if "rate" in rights else "",
        "takes_more": conversation.takes_more(goes_on or ticket),
        "form": form,
        "files": files,
        "colleague": colleague or ColleagueForm(),
        "colleagues": sharing.named(ticket) if "name" in rights else [],
        "lets_read": sharing.lets_read(ticket),
        "told": _told(request, ticket.pk),
        "is_wrong": bool(form.errors or files.refused or (colleague and colleague.errors)),
    }
    return render(request, "tickets/portal/request_thread.html", context, status=_status(form, files, colleague))


def _status(form: PortalForm, files: Files, colleague: PortalForm | None) -> int:
    if colleague is not None:
        return colleague.status
    return max(form.status, files.status) if form.is_bound else 200
