"""Who reads a page or asks the API: a member of staff, a customer who has signed in, or anybody."""

from django.http import HttpRequest
from rest_framework.request import Request

from helpdesk.people import browser
from helpdesk.people.models import User
from knowledge.models import Reader


def of(request: HttpRequest | Request) -> Reader:
    """The reader of a request; staff who once signed in as a customer in the same browser are staff."""
    if isinstance(request.user, User):
        return request.user
    plain = request._request if isinstance(request, Request) else request
    return browser.customer(plain)
