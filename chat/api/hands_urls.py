"""Addresses of chats that change hands, under `/api/v1/`."""

from django.urls import URLPattern, path

from chat.api import hands, ways

urlpatterns: list[URLPattern] = [
    path("chat/live/", hands.LiveChats.as_view()),
    path("chat/offered/", ways.Offered.as_view()),
    path("chat/sessions/<int:session_id>/transfer/", hands.Transfer.as_view()),
    path("chat/sessions/<int:session_id>/leave/", hands.Leave.as_view()),
    path("chat/sessions/<int:session_id>/help/", hands.Help.as_view()),
    path("chat/sessions/<int:session_id>/watch/", hands.Watch.as_view()),
    path("chat/sessions/<int:session_id>/whisper/", hands.Whisper.as_view()),
    path("chat/sessions/<int:session_id>/take-over/", hands.TakeOver.as_view()),
    path("chat/sessions/<int:session_id>/wrap-up/", hands.WrapUp.as_view()),
    path("chat/sessions/<int:session_id>/propose-call/", ways.ProposeCall.as_view()),
    path("chat/sessions/<int:session_id>/in-writing/", ways.InWriting.as_view()),
    path("chat/handovers/<int:handover_id>/accept/", hands.AcceptHandover.as_view()),
    path("chat/handovers/<int:handover_id>/decline/", hands.DeclineHandover.as_view()),
    path("chat/handovers/<int:handover_id>/withdraw/", hands.WithdrawHandover.as_view()),
]
