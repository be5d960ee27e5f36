"""How a visitor's browser says who it is: `Authorization: Session <token>`."""

from typing import Any

from django.contrib.auth.models import AnonymousUser
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from chat import keys
from chat.models import Session


class VisitorAuthentication(authentication.BaseAuthentication):
    """Puts the session into `request.auth`; the user stays anonymous, for a visitor holds no staff right whatever."""

    keyword = "Session"

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Session] | None:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != self.keyword.lower():
            return None
        session = keys.session_of(token.strip())
        if session is None:
            raise exceptions.AuthenticationFailed()
        return AnonymousUser(), session

    def authenticate_header(self, request: Request) -> str:
        return self.keyword


def token_of(request: Request) -> str:
    """The token that the browser showed."""
    return request.headers.get("Authorization", "").partition(" ")[2].strip()


def session_of(request: Request) -> Session:
    """The visitor's session; raises 401 without one."""
    if not isinstance(request.auth, Session):
        raise exceptions.NotAuthenticated()
    return request.auth


class _Scheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = VisitorAuthentication
    name = "visitorSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Session <session>"}
