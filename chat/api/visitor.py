"""The visitor's side: open a session, talk without a socket, say who one is, rate, leave, be forgotten."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import channels, claims, leaving, line, sessions, trail, visit
from chat.api import serializers as shown
from chat.api.auth import VisitorAuthentication, session_of
from chat.models import Session, Site
from helpdesk.lib import errors, ratelimit
from helpdesk.lib.api.permissions import PUBLIC
from tickets import conversation, surveys

PAGE = 200
LINES_PER_MINUTE = 120


class VisitorView(APIView):
    """No cookie counts here, so no other website can act in a visitor's name."""

    authentication_classes = [VisitorAuthentication]


def state_of(session: Session) -> dict[str, Any]:
    """The visitor's own view of his conversation."""
    return shown.state(session, available=line.is_available(session.queue), place=line.place(session))


def _said(said: sessions.Said) -> dict[str, Any]:
    where = {"ticket": said.message.ticket_id, "number": said.message.ticket.number}
    return {**shown.message(said.message), **state_of(said.session), **where}


class Sessions(VisitorView):
    """`POST chat/sessions/`."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.VisitInput, responses={201: shown.OpenedOut}, operation_id="chat_sessions_open")
    def post(self, request: Request) -> Response:
        ratelimit.check("chat.open", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
        form = shown.VisitInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        site = sessions.site(given.pop("site"))
        refuse_strange_page(request, site)
        opened = sessions.open(site, sessions.Visit(**given))
        return Response(opened_of(opened), status=201)


def opened_of(opened: sessions.Opened) -> dict[str, Any]:
    """The two secrets, shown this once, and where the conversation stands."""
    session = _without_finished_ticket(opened.session)
    return {"session": opened.keys.token, "resume": opened.keys.resume, **state_of(session)}


def refuse_strange_page(request: Request, site: Site) -> None:
    """A page names its origin: ours (the frame), or one of the site's. A program names none."""
    origin = request.headers.get("Origin")
    if origin is not None and origin not in settings.SOCKET_ORIGINS and origin not in site.origins:
        raise errors.NotAllowed(_("This website may not open a chat here."), code="origin")


def _without_finished_ticket(session: Session) -> Session:
    """A conversation that takes no more messages is not shown: the next line begins one that follows it."""
    if session.ticket is not None and not conversation.takes_more(session.ticket):
        session.ticket = None
    return session


class Availability(VisitorView):
    """`GET chat/availability/?site=`: whether a chat begun now would find somebody."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(parameters=[OpenApiParameter("site", str, required=True)], responses=shown.AvailabilityOut)
    def get(self, request: Request) -> Response:
        available, wait = line.of_site(sessions.site(request.query_params.get("site", "")))
        return Response({"available": available, "wait_s": wait}, headers={"Cache-Control": "no-store"})


class Channels(VisitorView):
    """`GET chat/channels/?site=`: which ways can be kept now, with the hours as moments."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(parameters=[OpenApiParameter("site", str, required=True)], responses=shown.ChannelsOut)
    def get(self, request: Request) -> Response:
        limit = 4 * settings.RATE_PUBLIC_PER_MINUTE
        ratelimit.check("chat.channels", ratelimit.source(request), limit=limit, seconds=60)
        found = channels.of_site(sessions.site(request.query_params.get("site", "")))
        return Response(found, headers={"Cache-Control": "no-store"})


class CurrentSession(VisitorView):
    """`GET chat/session/`: where it stands. `DELETE`: forget this browser."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC, "DELETE": PUBLIC}

    @extend_schema(responses=shown.StateOut)
    def get(self, request: Request) -> Response:
        return Response(state_of(_without_finished_ticket(session_of(request))))

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        leaving.forget(session_of(request))
        return Response(status=204)


class Messages(VisitorView):
    """`GET`/`POST chat/session/messages/`: the conversation without a socket."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC, "POST": PUBLIC}

    @extend_schema(
        parameters=[OpenApiParameter("after", int)],
        responses=shown.VisitorMessages,
        operation_id="chat_session_messages_list",
    )
    def get(self, request: Request) -> Response:
        session = session_of(request)
        after = request.query_params.get("after", "0")
        after_seq = int(after) if after.isascii() and after.isdigit() and len(after) < 10 else 0
        rows = visit.public(session.ticket_id, after_seq, PAGE) if session.ticket_id else []
        more = f"?after={rows[PAGE - 1].seq}" if len(rows) > PAGE else None
        return Response({"results": [shown.message(row) for row in rows[:PAGE]], "next": more, "previous": None})

    @extend_schema(request=shown.LineInput, responses={201: shown.SaidOut, 200: shown.SaidOut})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        ratelimit.check("chat.say", session.sender, limit=LINES_PER_MINUTE, seconds=60)
        form = shown.LineInput(data=request.data)
        form.is_valid(raise_exception=True)
        origin_id = form.validated_data.get("origin_id") or str(uuid.uuid4())
        given = form.validated_data
        said = sessions.say(session, given["body"], origin_id=origin_id, attachments=given["attachments"])
        return Response(_said(said), status=201 if said.is_new else 200)


class Write(VisitorView):
    """`POST chat/session/write/`: an answer in writing is asked for; what was said is kept, under a reference."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.RequestInput, responses={201: shown.RequestOut, 200: shown.RequestOut})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        ratelimit.check("chat.say", session.sender, limit=LINES_PER_MINUTE, seconds=60)
        form = shown.RequestInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        origin_id = given.get("origin_id") or str(uuid.uuid4())
        with transaction.atomic():
            said = sessions.write(session, given["body"], origin_id=origin_id, attachments=given["attachments"])
            claims.make(session, name=given["name"], email=given["email"], source=ratelimit.source(request))
        usual = channels.usual_answer(said.message.ticket.queue)
        return Response({**_said(said), "answer_s": usual}, status=201 if said.is_new else 200)


class Seen(VisitorView):
    """`POST chat/session/seen/`: the visitor has read up to `seq`."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.SeenInput, responses={204: None})
    def post(self, request: Request) -> Response:
        form = shown.SeenInput(data=request.data)
        form.is_valid(raise_exception=True)
        sessions.seen(session_of(request), form.validated_data["seq"])
        return Response(status=204)


class Page(VisitorView):
    """`POST chat/session/page/`: agents see where the visitor is, once he agrees, and until he withdraws."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.PageInput, responses={200: shown.SharedOut})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        form = shown.PageInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        agrees = given["consent"]
        row = trail.share(session, given["page"], given["title"]) if agrees else trail.withdraw(session)
        return Response(shown.shared(row))


class Identify(VisitorView):
    """`POST chat/session/identify/`: claim a name and an address; a mailed link proves the address."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.ClaimInput, responses={204: None})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        form = shown.ClaimInput(data=request.data)
        form.is_valid(raise_exception=True)
        claims.make(session, **form.validated_data, source=ratelimit.source(request))
        return Response(status=204)


class End(VisitorView):
    """`POST chat/session/end/`: the visitor leaves; the ticket stays."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=None, responses=shown.StateOut)
    def post(self, request: Request) -> Response:
        session = session_of(request)
        return Response(state_of(sessions.end(session, by=session.customer.actor)))


class Rating(VisitorView):
    """`POST chat/session/rating/`: how it went, once there was a conversation."""

    needs: ClassVar[dict[str, str]] = {"POST": PUBLIC}

    @extend_schema(request=shown.RatingInput, responses={204: None})
    def post(self, request: Request) -> Response:
        session = session_of(request)
        form = shown.RatingInput(data=request.data)
        form.is_valid(raise_exception=True)
        if session.ticket is None:
            raise errors.Conflict(_("There is nothing to rate yet."), code="no_ticket")
        surveys.rate(session.ticket, session.customer, **form.validated_data)
        return Response(status=204)
