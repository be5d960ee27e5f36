"""Write to us: the choice of a way, the form, and what happens next."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.lib import errors, ratelimit, text
from helpdesk.people import customers
from tickets.portal import asking, session, uploads
from tickets.portal.forms import RequestForm, new_id
from tickets.portal.session import unkept
from tickets.portal.uploads import Files


@require_safe
def contact(request: HttpRequest) -> HttpResponse:
    """Which ways there are."""
    return render(request, "tickets/portal/contact.html", {"here": "contact"})


@require_http_methods(["GET", "HEAD", "POST"])
def request_form(request: HttpRequest) -> HttpResponse:
    """The form; sent, it becomes one request, however often it is sent."""
    if request.method == "POST":
        return _send(request)
    return _page(request, RequestForm(initial=_initial(request)), Files())


def _initial(request: HttpRequest) -> dict[str, Any]:
    """What is known already is not asked again."""
    who = session.customer(request)
    known = {"name": who.name, "email": customers.proved_email(who)} if who else {}
    if who and who.only_address:  # the name and the proved address may be another person's
        known = {"email": who.only_address}
    return {**known, "subject": text.one_line(request.GET.get("subject", "")), "origin_id": new_id()}


def _send(request: HttpRequest) -> HttpResponse:
    form = RequestForm(request.POST)
    is_welcome = ratelimit.allow(
        "web-request", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60
    )
    files = uploads.gather(request, is_welcome=is_welcome)
    if not is_welcome:
        form.refuse(errors.TooMany())
    elif form.is_valid() and not files.refused:
        return _take(request, form, files)
    return _page(request, form, files)


def _take(request: HttpRequest, form: RequestForm, files: Files) -> HttpResponse:
    who, language = session.customer(request), get_language() or settings.LANGUAGE_CODE
    try:
        source = ratelimit.source(request)
        receipt = asking.open_request(form.cleaned_data, files, customer=who, language=language, source=source)
    except errors.Conflict as conflict:
        form.renew()
        files.let_go()
        form.refuse(conflict)
    except errors.DomainError as error:
        form.refuse(error)
    else:
        return redirect("contact-done", token=asking.proof(receipt.ticket))
    return _page(request, form, files)


def _page(request: HttpRequest, form: RequestForm, files: Files) -> HttpResponse:
    status = max(form.status, files.status) if form.is_bound else 200
    context = {"form": form, "files": files, "here": "contact"}
    return render(request, "tickets/portal/request.html", context, status=status)


@require_safe
def request_done(request: HttpRequest, token: str) -> HttpResponse:
    """The reference and what happens next, for whoever sent the form."""
    ticket = asking.proved(token)
    if ticket is None:
        return redirect("contact")
    return unkept(render(request, "tickets/portal/request_done.html", {"ticket": ticket}))
