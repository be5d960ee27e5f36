"""How callers of the API say who they are: staff by session cookie (with CSRF), programs by token (django-rest-knox)."""

from drf_spectacular.authentication import SessionScheme
from rest_framework import authentication
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; answers 401 instead of 403 to strangers, so that screens can offer to sign in again."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class StaffSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "helpdesk.lib.api.auth.SessionAuthentication"
