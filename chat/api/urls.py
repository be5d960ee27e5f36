"""Addresses of chats under `/api/v1/`."""

from django.urls import URLPattern, path

from chat.api import agent_callbacks, agents, callbacks, files, leaving, sites, visitor

urlpatterns: list[URLPattern] = [
    path("sites/", sites.Sites.as_view()),
    path("sites/<int:site_id>/", sites.SiteDetail.as_view()),
    path("sites/<int:site_id>/secret/", sites.SiteSecret.as_view()),
    path("sites/<int:site_id>/check/", sites.SiteCheck.as_view()),
    path("chat/availability/", visitor.Availability.as_view()),
    path("chat/channels/", visitor.Channels.as_view()),
    path("chat/sessions/", visitor.Sessions.as_view()),
    path("chat/session/", visitor.CurrentSession.as_view()),
    path("chat/session/messages/", visitor.Messages.as_view()),
    path("chat/session/write/", visitor.Write.as_view()),
    path("chat/session/files/", files.Files.as_view()),
    path("chat/session/files/<uuid:key>/", files.OneFile.as_view(), name="visitor-file"),
    path("chat/session/page/", visitor.Page.as_view()),
    path("chat/session/requests/", leaving.Requests.as_view()),
    path("chat/session/requests/<int:number>/open/", leaving.OpenRequest.as_view()),
    path("chat/session/transcript/", leaving.Transcript.as_view()),
    path("chat/session/continue/", leaving.Continue.as_view()),
    path("chat/session/logout/", leaving.Logout.as_view()),
    path("chat/session/forget/", leaving.Forget.as_view()),
    path("chat/continue/", leaving.Move.as_view()),
    path("chat/session/seen/", visitor.Seen.as_view()),
    path("chat/session/identify/", visitor.Identify.as_view()),
    path("chat/session/end/", visitor.End.as_view()),
    path("chat/session/rating/", visitor.Rating.as_view()),
    path("chat/callbacks/", callbacks.Callbacks.as_view()),
    path("chat/callbacks/slots/", callbacks.Slots.as_view()),
    path("chat/callbacks/number/", callbacks.Number.as_view()),
    path("chat/callbacks/<int:callback_id>/", callbacks.OneCallback.as_view()),
    path("callbacks/", agent_callbacks.Callbacks.as_view()),
    path("callbacks/<int:callback_id>/", agent_callbacks.OneCallback.as_view()),
    path("callbacks/<int:callback_id>/take/", agent_callbacks.Take.as_view()),
    path("callbacks/<int:callback_id>/release/", agent_callbacks.Release.as_view()),
    path("callbacks/<int:callback_id>/outcome/", agent_callbacks.Outcome.as_view()),
    path("chat/line/", agents.Line.as_view()),
    path("chat/sessions/<int:session_id>/accept/", agents.Accept.as_view()),
    path("chat/sessions/<int:session_id>/end/", agents.End.as_view()),
]
