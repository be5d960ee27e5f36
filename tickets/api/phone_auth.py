"""How a telephone system says which one it is: by its token, in a header or in the address that was pasted into it."""

import base64
from dataclasses import dataclass
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication
from rest_framework.request import Request

from tickets.channels import phone_systems
from tickets.models import PhoneSystem

_SCHEMES = ("bearer", "token")


@dataclass(frozen=True, slots=True)
class Telephone:
    """A telephone system as the caller of the API: it may tell of calls, and nothing else."""

    system: PhoneSystem
    is_authenticated: bool = True
    is_active: bool = True
    pk: None = None

    def may(self, capability: str) -> bool:
        return capability == "call.report"


class PhoneAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`, the password of Basic, or the last part of the address. Anything else is left to others."""

    def authenticate(self, request: Request) -> tuple[Any, PhoneSystem] | None:
        token = request.parser_context["kwargs"].get("token") or _from_header(request)
        system = phone_systems.of_token(token)
        return (Telephone(system), system) if system is not None else None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _from_header(request: Request) -> str:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() in _SCHEMES:
        return given.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:  # no base64, or no text
        return ""


class PhoneScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = "tickets.api.phone_auth.PhoneAuthentication"
    name = "phoneToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "The token of a telephone system."}
