"""Agents' chats change hands, get help and come out somehow; supervisors look on, whisper and take over."""

from typing import ClassVar, cast

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import cards, handovers, news, protocol, watching, wrapup
from chat.api import hands_shapes as shown
from helpdesk.lib import errors
from helpdesk.people.models import User
from tickets.models import Queue


def _caller(request: Request) -> User:
    return cast(User, request.user)


class Transfer(APIView):
    """`GET chat/sessions/{id}/transfer/`: to whom. `POST`: to a colleague, who is asked, or back into a line."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.take", "POST": "chat.take"}

    @extend_schema(responses=shown.TargetsOut)
    def get(self, request: Request, session_id: int) -> Response:
        found = handovers.targets(session_id, by=_caller(request))
        people = [
            {
                "id": one.id,
                "name": one.name,
                "availability": one.availability if one.is_present else User.Availability.OFFLINE,
                "chats": one.load,
                "capacity": one.limit,
            }
            for one in found.people
        ]
        queues = [{"slug": queue.slug, "name": queue.label, "free": free} for queue, free in found.queues]
        return Response({"people": people, "queues": queues})

    @extend_schema(request=shown.TransferInput, responses={201: shown.HandoverOut, 200: shown.DeskCardOut})
    def post(self, request: Request, session_id: int) -> Response:
        form = shown.TransferInput(data=request.data)
        form.is_valid(raise_exception=True)
        given, user = form.validated_data, _caller(request)
        if bool(given["to_user"]) == bool(given["to_queue"]):
            raise errors.Invalid(fields={"to_user": [_("Choose a person or a queue.")]})
        if given["to_queue"]:
            queue = Queue.objects.filter(slug=given["to_queue"], is_active=True).first()
            if queue is None:
                raise errors.Invalid(fields={"to_queue": [_("Choose another queue.")]})
            handovers.put_back(session_id, queue, given["line"], by=user)
            return Response(cards.one(session_id, user))
        to = User.objects.filter(pk=given["to_user"], is_active=True).first()
        if to is None:
            raise errors.Invalid(fields={"to_user": [_("This person does not serve this queue.")]})
        held = handovers.hold_out(session_id, to, given["line"], warm=given["warm"], by=user)
        return Response(news.shown(held), status=201)


class AcceptHandover(APIView):
    """`POST chat/handovers/{id}/accept/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses=shown.DeskCardOut)
    def post(self, request: Request, handover_id: int) -> Response:
        user = _caller(request)
        return Response(cards.one(handovers.accept(handover_id, by=user).pk, user))


class DeclineHandover(APIView):
    """`POST chat/handovers/{id}/decline/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, handover_id: int) -> Response:
        handovers.decline(handover_id, by=_caller(request))
        return Response(status=204)


class WithdrawHandover(APIView):
    """`POST chat/handovers/{id}/withdraw/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, handover_id: int) -> Response:
        handovers.withdraw(handover_id, by=_caller(request))
        return Response(status=204)


class Leave(APIView):
    """`POST chat/sessions/{id}/leave/`: after a warm handover."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request, session_id: int) -> Response:
        handovers.leave(session_id, by=_caller(request))
        return Response(status=204)


class Help(APIView):
    """`POST chat/sessions/{id}/help/`: ask a supervisor. `DELETE`: no longer."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take", "DELETE": "chat.take"}

    @extend_schema(request=shown.HelpInput, responses=shown.DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        form = shown.HelpInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = _caller(request)
        watching.ask(session_id, form.validated_data["line"], by=user)
        return Response(cards.one(session_id, user))

    @extend_schema(responses=shown.DeskCardOut)
    def delete(self, request: Request, session_id: int) -> Response:
        user = _caller(request)
        watching.no_longer(session_id, by=user)
        return Response(cards.one(session_id, user))


class LiveChats(APIView):
    """`GET chat/live/`: the live chats of the caller's queues, those whose agent asks for help first."""

    needs: ClassVar[dict[str, str]] = {"GET": "chat.watch"}

    @extend_schema(responses=shown.LiveChatsOut)
    def get(self, request: Request) -> Response:
        user = _caller(request)
        return Response({"results": cards.show(watching.live_chats(user)[: cards.SHOWN], user)})


class Watch(APIView):
    """`POST chat/sessions/{id}/watch/`: look on; the agent is told."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.watch"}

    @extend_schema(request=None, responses=shown.DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        user = _caller(request)
        return Response(cards.one(watching.watch(session_id, by=user).pk, user))


class Whisper(APIView):
    """`POST chat/sessions/{id}/whisper/`: a word to the agent alone."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.watch"}

    @extend_schema(request=shown.WhisperInput, responses={201: shown.WhisperOut, 200: shown.WhisperOut})
    def post(self, request: Request, session_id: int) -> Response:
        form = shown.WhisperInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        message, is_new = watching.whisper(
            session_id, given["body"], origin_id=protocol.same_origin(given["origin_id"]), by=_caller(request)
        )
        said = {"ticket": message.ticket_id, "seq": message.seq, "created_at": message.created_at.isoformat()}
        return Response(said, status=201 if is_new else 200)


class TakeOver(APIView):
    """`POST chat/sessions/{id}/take-over/`."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.watch"}

    @extend_schema(request=None, responses=shown.DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        user = _caller(request)
        return Response(cards.one(handovers.take_over(session_id, by=user).pk, user))


class WrapUp(APIView):
    """`POST chat/sessions/{id}/wrap-up/`: how an ended chat came out."""

    needs: ClassVar[dict[str, str]] = {"POST": "chat.take"}

    @extend_schema(request=shown.WrapUpInput, responses=shown.DeskCardOut)
    def post(self, request: Request, session_id: int) -> Response:
        form = shown.WrapUpInput(data=request.data)
        form.is_valid(raise_exception=True)
        user = _caller(request)
        wrapup.say(session_id, **form.validated_data, by=user)
        return Response(cards.one(session_id, user))
