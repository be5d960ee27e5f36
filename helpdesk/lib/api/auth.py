"""How callers of the API say who they are: staff by session cookie (with CSRF), programs by token (django-rest-knox)."""

from typing import Any

from drf_spectacular.authentication import SessionScheme
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox import auth as knox
from rest_framework import authentication, exceptions
from rest_framework.request import Request


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; answers 401 instead of 403 to strangers, so that screens can offer to sign in again."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class StaffSessionScheme(SessionScheme):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "helpdesk.lib.api.auth.SessionAuthentication"


class TokenAuthentication(knox.TokenAuthentication):
    """A token of ours; bytes that are no text are a wrong token like any other."""

    def authenticate_credentials(self, token: bytes) -> Any:
        if not token.isascii():
            raise exceptions.AuthenticationFailed
        return super().authenticate_credentials(token)


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "helpdesk.lib.api.auth.TokenAuthentication"
