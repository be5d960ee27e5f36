"""Who of the customers uses this browser: signed in by a link that was mailed to his address."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect
from django.urls import reverse

from helpdesk.lib import errors
from helpdesk.lib.secret_pages import unkept
from helpdesk.people import customers
from helpdesk.people.browser import KEY, ONLY, customer
from helpdesk.people.models import Customer

View = Callable[..., HttpResponse]

__all__ = ["customer", "needed", "sign_in", "sign_out", "unkept"]


def sign_in(request: HttpRequest, who: Customer, address: str) -> None:
    """From now on this browser is his; the session gets a new id, so that one planted before is worth nothing.

    `address`: the one that he proved by coming here.
    """
    request.session.cycle_key()
    request.session[KEY] = who.pk
    request.session[ONLY] = address if customers.is_apart(who, address) else ""
    rotate_token(request)


def sign_out(request: HttpRequest) -> None:
    """Forget him; a member of staff who is signed in with the same browser stays so."""
    request.session.pop(KEY, None)
    request.session.pop(ONLY, None)
    if request.user.is_authenticated:
        request.session.cycle_key()
    else:
        request.session.flush()


def needed(view: View) -> View:
    """Give the view the customer as its second argument, or send the stranger to the sign-in page and back."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        who = customer(request)
        if who is None:
            number = given.get("number")
            return redirect(reverse("my-login") + (f"?request={number}" if number else ""))
        try:
            response = view(request, who, *args, **given)
        except (errors.NotFound, errors.NotAllowed) as missing:
            raise Http404 from missing
        response["Cache-Control"] = "no-store"
        return response

    return wrapped
