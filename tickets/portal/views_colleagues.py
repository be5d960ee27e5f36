"""Who else takes part in a request: named and taken out by whoever may, joined and left by oneself."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from helpdesk.lib import errors, ratelimit
from helpdesk.people.models import Customer
from tickets import access, sharing
from tickets.portal import session, thread_page
from tickets.portal.forms import ColleagueForm

# Whom he names gets mail from us
_PER_HOUR = 30


@require_POST
@session.needed
def name(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """Add a colleague by his address."""
    found = access.of_customer(who, number, needs="name")
    form = ColleagueForm(request.POST)
    try:
        ratelimit.check("my-colleague", str(who.pk), limit=_PER_HOUR, seconds=3600)
        if form.is_valid():
            added = sharing.name(found, form.cleaned_data["email"], by=who)
            thread_page.tell(request, "added", added, number)
            return _back(number)
    except errors.DomainError as error:
        form.refuse(error)
    return thread_page.show(request, who, found, colleague=form)


@require_POST
@session.needed
def remove(request: HttpRequest, who: Customer, number: int, key: int) -> HttpResponse:
    """Take a colleague out."""
    found = access.of_customer(who, number, needs="name")
    thread_page.tell(request, "removed", sharing.remove(found, key, by=who), number)
    return _back(number)


@require_POST
@session.needed
def join(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """Take part in what one's organisation asked."""
    sharing.join(access.of_customer(who, number, needs="join"), by=who)
    return redirect("my-request", number=number)


@require_POST
@session.needed
def leave(request: HttpRequest, who: Customer, number: int) -> HttpResponse:
    """Take part no more; the page is shown on if the organisation shares it."""
    sharing.leave(access.of_customer(who, number, needs="leave"), by=who)
    return redirect("my-request", number=number) if access.reads(who, number) else redirect("my")


def _back(number: int) -> HttpResponse:
    return redirect(reverse("my-request", kwargs={"number": number}) + "#colleagues")
