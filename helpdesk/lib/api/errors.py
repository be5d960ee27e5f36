"""Every refusal of the API has one shape: application/problem+json with code, title, detail and fields (RFC 9457)."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from helpdesk.lib.errors import DomainError, NotFound

CONTENT_TYPE = "application/problem+json"


def problem(
    status: int, code: str, title: str, detail: str, fields: dict[str, Any] | None = None, **extra: Any
) -> Response:
    """The answer itself; `extra` members say what the caller has not seen (RFC 9457 §3.2)."""
    body = {"code": code, "title": title, "detail": detail, "fields": fields or {}, **extra}
    response = Response(body, status=status)
    response.content_type = CONTENT_TYPE
    return response


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our own errors, DRF's and Django's in one shape; anything else stays a 500."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if isinstance(error, DomainError):
        set_rollback()
        return _from_domain(error)
    if isinstance(error, exceptions.APIException):
        set_rollback()
        return _from_rest(error)
    return None


def _from_domain(error: DomainError) -> Response:
    fields = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
    response = problem(error.status, error.code, str(error.title), str(error.detail), fields, **error.extra)
    if retry := error.extra.get("retry_after"):
        response["Retry-After"] = str(retry)
    return response


def _from_rest(error: exceptions.APIException) -> Response:
    if isinstance(error, exceptions.ValidationError):
        fields = error.detail if isinstance(error.detail, dict) else {"detail": error.detail}
        return problem(400, "invalid", _("Please correct the fields named below"), _summary(fields), fields)
    detail = str(error.detail)
    code = error.get_codes() if isinstance(error.detail, str) else error.default_code
    response = problem(error.status_code, str(code), detail, detail)
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        response["Retry-After"] = str(int(wait))
    return response


def _summary(fields: dict[str, Any]) -> str:
    return "; ".join(f"{name}: {_first(value)}" for name, value in fields.items())


def _first(value: Any) -> str:
    while isinstance(value, (list, dict)) and value:
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
    return str(value)
