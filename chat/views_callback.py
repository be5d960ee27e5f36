"""The page of one call-back, opened by its signed link: another time, or nobody is to call. It works without JavaScript."""

from datetime import datetime
from itertools import groupby, islice
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chat.callbacks import booking, ics, links, numbers, slots, telling
from chat.callbacks.booking import Change
from chat.models import Callback
from helpdesk.lib import clock, errors, ratelimit
from tickets.portal.session import unkept

SOONEST = "soonest"


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Opening changes nothing, because mail scanners follow links; the buttons do."""
    found = links.open_link(token)
    if found is None:
        return unkept(render(request, "chat/callback_gone.html", status=404))
    refusal = None
    if request.method == "POST":
        try:
            ratelimit.check("callback.page", ratelimit.source(request), limit=_limit(), seconds=60)
            _act(found, request)
            return redirect(request.path)
        except errors.DomainError as error:
            refusal = error
            found = Callback.objects.with_people().get(pk=found.pk)
    return unkept(_show(request, found, refusal))


def _limit() -> int:
    return int(settings.RATE_PUBLIC_PER_MINUTE)


def _act(found: Callback, request: HttpRequest) -> None:
    """What the pressed button says. A page that has stood open too long is told so by the version."""
    if request.POST.get("act") == "cancel":
        booking.cancel(found, by=found.customer.actor)
        return
    chosen = request.POST.get("starts_at", "")
    starts_at = None if chosen == SOONEST else _moment(chosen)
    version = request.POST.get("version", "")
    read_at = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0
    booking.change(found, Change(moves=True, starts_at=starts_at), version=read_at, by=found.customer.actor)


def _moment(typed: str) -> datetime:
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise errors.Invalid(fields={"starts_at": [_("Choose one of the times on offer.")]})
    return found


def _show(request: HttpRequest, found: Callback, refusal: errors.DomainError | None) -> HttpResponse:
    is_changeable = found.state == Callback.State.WAITING
    fault = next((words for lines in refusal.fields.values() for words in lines), refusal.detail) if refusal else ""
    context: dict[str, Any] = {
        "callback": found,
        "moment": telling.moment(found),
        "number": numbers.masked(found.number),
        "state": _words(found),
        "is_changeable": is_changeable,
        "is_open": found.is_open,
        "calendar": links.calendar(found),
        "fault": fault,
        **(_choices(found) if is_changeable else {}),
    }
    return render(request, "chat/callback.html", context, status=refusal.status if refusal else 200)


def _words(found: Callback) -> str:
    """Where it stands, in words for its customer."""
    states = {
        Callback.State.WAITING: _("We will call you."),
        Callback.State.TAKEN: _("We are about to call you."),
        Callback.State.REACHED: _("We have spoken on the phone."),
        Callback.State.MISSED: _("We did not reach you. You will get our answer in writing."),
        Callback.State.WRONG_NUMBER: _("We did not reach you. You will get our answer in writing."),
        Callback.State.CANCELLED: _("The call was called off."),
    }
    return states[Callback.State(found.state)]


def _choices(found: Callback) -> dict[str, Any]:
    """The times that can be kept, by the customer's own days."""
    plan = slots.Plan.of(found.site, found.queue, clock.now(), without=found)
    zone = ics.zone_of(found)
    free = [(timezone.localtime(slot.starts_at, zone), slot) for slot in islice(plan.free(), slots.SHOWN)]
    days = [
        (date_format(day, "l j F"), [(slot.starts_at.isoformat(), date_format(local, "H:i")) for local, slot in rows])
        for day, rows in groupby(free, key=lambda pair: pair[0].date())
    ]
    return {"days": days, "soonest": plan.soonest()}


@require_safe
def calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar file of a call-back."""
    found = links.open_link(token)
    if found is None:
        raise Http404
    response = HttpResponse(ics.of(found), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, "call.ics") or "attachment"
    return unkept(response)
