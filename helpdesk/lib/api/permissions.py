"""Deny by default: a view that does not say what each method needs answers 403 to everybody."""

from typing import Any, Protocol

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

PUBLIC = "public"
"""What a view names when a method is open to everybody; it still has rate limits."""
SIGNED_IN = "signed_in"
"""What a view names when any signed-in user may call it for himself."""


class HasNeeds(Protocol):
    needs: dict[str, str]


class Needs(BasePermission):
    """Reads `view.needs = {"GET": "ticket.read", …}` and asks the caller for that capability."""

    def has_permission(self, request: Request, view: Any) -> bool:
        method = "GET" if request.method in ("HEAD", "OPTIONS") else request.method
        need = getattr(view, "needs", {}).get(method)
        if need is None:
            return False
        if need == PUBLIC:
            return True
        user: Any = request.user
        if not user or not user.is_authenticated or not user.is_active:
            return False
        return bool(need == SIGNED_IN or user.may(need))
