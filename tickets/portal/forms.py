"""The forms that customers fill in. Refusals name the field and what to do; what was typed stays."""

import re
import uuid
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people import customers
from tickets import surveys
from tickets.conversation import MAX_BODY

_UNREADABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_MARK = "\ufffd"


def new_id() -> str:
    """What makes two sendings of one page the same."""
    return str(uuid.uuid4())


def readable(data: QueryDict) -> QueryDict:
    """What was sent, with every character that no database stores shown as �, as browsers show broken bytes."""
    mended = QueryDict(mutable=True)
    for name, values in data.lists():
        mended.setlist(name, [_UNREADABLE.sub(_MARK, str(value)) for value in values])
    return mended


def _refuse_unreadable(value: str) -> None:
    if _MARK in value:
        raise forms.ValidationError(_("Some characters could not be read: look for � and type them again."))


def _line(label: Any, limit: int, *, required: bool = True, **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs=attrs)
    return forms.CharField(
        label=label, max_length=limit, required=required, widget=widget, validators=[_refuse_unreadable]
    )


def _words(label: Any, limit: int, *, required: bool = True, rows: int = 8) -> forms.CharField:
    # The browser must not cut what is pasted: the limit is told, not enforced by swallowing the end.
    widget = forms.Textarea(attrs={"rows": rows})
    field = forms.CharField(label=label, required=required, widget=widget, validators=[_refuse_unreadable])
    field.validators.append(_TooLong(limit))
    return field


class _TooLong:
    def __init__(self, limit: int) -> None:
        self.limit = limit

    def __call__(self, value: str) -> None:
        if len(value) > self.limit:
            raise forms.ValidationError(
                _("This text is too long (%(size)d characters, at most %(limit)d): shorten it or attach it as a file."),
                params={"size": len(value), "limit": self.limit},
            )


class PortalForm(forms.Form):
    """A form whose refusals may also come from a service."""

    status = 400

    def __init__(self, data: QueryDict | None = None, **given: Any) -> None:
        super().__init__(readable(data) if data is not None else None, **given)

    def _put(self, name: str, value: str) -> None:
        """What the page shows in a field instead of what was sent."""
        if isinstance(self.data, QueryDict):
            self.data[name] = value

    def refuse(self, error: errors.DomainError) -> None:
        """Show a service's refusal beside the field it names, else above the form."""
        self.status = error.status
        if not error.fields:
            self.add_error(None, str(error.detail))
        for name, texts in error.fields.items():
            self.add_error(name if name in self.fields else None, [str(text) for text in texts])


class OnceForm(PortalForm):
    """A form that counts once however often it is sent: `origin_id` is made with the page."""

    origin_id = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_origin_id(self) -> str:
        try:
            return str(uuid.UUID(self.cleaned_data["origin_id"]))
        except ValueError:
            return new_id()

    def renew(self) -> None:
        """Another id: what is sent next is another request."""
        self._put("origin_id", new_id())


class RequestForm(OnceForm):
    """A request in the customer's words."""

    subject = _line(_("What is it about?"), 200)
    body = _words(_("Tell us more"), MAX_BODY)
    order = _line(_("Order number"), 60, required=False)
    name = _line(_("Your name"), 200, required=False, autocomplete="name")
    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=320,
        help_text=_("Our answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # People do not see it, programs fill it in.
    website = forms.CharField(label=_("Leave this field empty"), required=False)

    def clean_email(self) -> str:
        address = customers.normalise_email(self.cleaned_data["email"])
        if not address:
            raise forms.ValidationError(_("Enter a valid e-mail address."))
        return address

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            self._put("website", "")
            raise forms.ValidationError(_("This field must stay empty. Send the form again as it is now."))
        return ""


class ReplyForm(OnceForm):
    """What the customer adds to his request; a file alone will do."""

    body = _words(_("Your message"), MAX_BODY, required=False, rows=5)


class ColleagueForm(PortalForm):
    """Whom the customer names."""

    # The browser does not offer his own address here
    email = forms.EmailField(
        label=_("E-mail address of your colleague"),
        max_length=320,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class LoginForm(PortalForm):
    """To which address the link goes."""

    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    request = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31)


class SurveyForm(PortalForm):
    """Five answers in words, and what the customer wants to add."""

    score = forms.TypedChoiceField(
        label=_("Your answer"),
        choices=list(surveys.SCORES.items()),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose one of the five answers."),
            "invalid_choice": _("Choose one of the five answers."),
        },
    )
    comment = _words(_("Tell us more"), surveys.MAX_COMMENT, required=False, rows=4)
    may_contact = forms.BooleanField(label=_("You may contact me about this"), required=False)
