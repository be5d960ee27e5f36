"""The API's shapes of calls and telephone systems."""

from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from tickets.channels import phone_systems
from tickets.channels.phone_told import KINDS
from tickets.models import Call, PhoneSystem

_EVENTS = ["newCall", "answer", "hangup", "ringing", "answered", "ended", "missed"]
assert {event.lower() for event in _EVENTS} == set(KINDS)  # noqa: S101


def _word(text: str = "", **more: Any) -> serializers.CharField:
    return serializers.CharField(help_text=text, required=False, **more)


# `from` is no name that a class could have
CallEventInput = inline_serializer(
    "CallEventInput",
    {
        "event": serializers.ChoiceField(choices=_EVENTS),
        "callId": serializers.CharField(max_length=250, help_text="Or `call_id`. The same call, the same id."),
        "from": _word("The number that calls; `anonymous` when it is withheld."),
        "to": _word("The number or extension that is called."),
        "direction": serializers.ChoiceField(choices=["in", "out"], required=False),
        "user": serializers.ListField(
            child=serializers.CharField(),
            required=False,
            help_text="At whom it rings: extension, address or name. Forms say `user[]`.",
        ),
        "answeringNumber": _word("Who answered."),
        "cause": _word("Why it ended."),
        "at": serializers.DateTimeField(required=False, help_text="When it happened; without it, when it was told."),
    },
)


class CallHeard(serializers.Serializer[Any]):
    """What became of an event: the call as it now stands."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Call.State.choices)
    is_new = serializers.BooleanField(help_text="False when all of it had been told before.")


class CallNumber(serializers.Serializer[Any]):
    e164 = serializers.CharField(help_text="Empty when it is withheld, or no number at all.")
    shown = serializers.CharField()


class CallAgent(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class CallTicket(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    number = serializers.CharField()
    subject = serializers.CharField()


class CallPerson(serializers.Serializer[Any]):
    """Whose number it is, where `is_proved`; else who says so."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    organization = serializers.CharField()
    language = serializers.CharField()
    is_proved = serializers.BooleanField()
    tickets = CallTicket(many=True)
    more_tickets = serializers.BooleanField()


class CallOut(serializers.Serializer[Any]):
    """A call as agents see it. `is_known`: there is one person, and it is certain; else `people` are choices."""

    id = serializers.IntegerField()
    state = serializers.ChoiceField(choices=Call.State.choices)
    direction = serializers.ChoiceField(choices=Call.Direction.choices)
    number = CallNumber()
    line = serializers.CharField()
    system = serializers.CharField()
    rung = CallAgent(many=True)
    agent = CallAgent(allow_null=True)
    is_known = serializers.BooleanField()
    people = CallPerson(many=True)
    ticket = CallTicket(allow_null=True)
    started_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    seconds = serializers.IntegerField(allow_null=True)
    settled = serializers.BooleanField()


class CallsNow(serializers.Serializer[Any]):
    """What rings at the caller or is talked in; how many called in vain; whether a telephone system is there at all."""

    results = CallOut(many=True)
    missed = serializers.IntegerField()
    connected = serializers.BooleanField()


class CallPatch(serializers.Serializer[Any]):
    """`ticket` puts it there; `settled`: nothing is left to do about it."""

    ticket = serializers.IntegerField(required=False, min_value=1)
    settled = serializers.BooleanField(required=False)


class PhoneSystemInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    region = serializers.RegexField(r"^[A-Za-z]{2}$", required=False, help_text="Country of numbers without one.")


class PhoneSystemOut(serializers.ModelSerializer[PhoneSystem]):
    """A telephone system as administrators see it: never with its token."""

    is_open = serializers.SerializerMethodField(help_text="False once its token was revoked.")

    class Meta:
        model = PhoneSystem
        fields = ("id", "name", "region", "is_open", "token_made_at", "last_told_at")

    def get_is_open(self, row: PhoneSystem) -> bool:
        return bool(row.digest)


class PhoneTokenOut(PhoneSystemOut):
    """The same with its new token, which is told this once, and the address to paste."""

    token = serializers.SerializerMethodField()
    url = serializers.SerializerMethodField()

    class Meta(PhoneSystemOut.Meta):
        fields = (*PhoneSystemOut.Meta.fields, "token", "url")  # type: ignore[assignment]

    def get_token(self, row: PhoneSystem) -> str:
        return str(self.context["token"])

    def get_url(self, row: PhoneSystem) -> str:
        return phone_systems.url(self.context["token"])
