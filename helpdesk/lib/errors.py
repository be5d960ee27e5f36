"""The one tree of errors that services raise; `lib.api.errors` turns it into problem+json, views into pages."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """A refusal that a person can do something about: a stable code, an HTTP status and words in the caller's language."""

    code = "invalid"
    status = 400
    title: Text = _("This cannot be done as asked")

    def __init__(
        self,
        detail: Text = "",
        *,
        code: str | None = None,
        fields: dict[str, list[Text]] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(str(detail or self.title))
        self.detail = detail or self.title
        self.code = code or self.code
        self.fields = fields or {}
        self.extra = extra


class Invalid(DomainError):
    """What was sent is not usable; `fields` names what to mend."""

    title = _("Please correct the fields named below")


class NotAllowed(DomainError):
    """The caller is known and may see the thing, but may not do this to it."""

    code, status = "not_allowed", 403
    title = _("You are not allowed to do this")


class NotFound(DomainError):
    """It does not exist, or the caller may not know that it does."""

    code, status = "not_found", 404
    title = _("Not found")


class Conflict(DomainError):
    """Somebody was faster; `extra` carries what the caller has not seen."""

    code, status = "conflict", 409
    title = _("Somebody changed this in the meantime")


class TooLarge(DomainError):
    """More bytes than the limit named in the detail."""

    code, status = "too_large", 413
    title = _("This is too large")


class TooMany(DomainError):
    """A rate limit; `extra["retry_after"]` in seconds."""

    code, status = "too_many", 429
    title = _("Too many attempts, please wait a moment")


class StorageFull(DomainError):
    """Nothing was stored because the disk refused it."""

    code, status = "storage", 507
    title = _("The file could not be stored, please try again later")
