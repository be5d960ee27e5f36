"""Socket addresses."""

from django.urls import path

from chat.consumers import DeskConsumer, VisitorConsumer

websocket_urlpatterns = [
    path("ws/desk/", DeskConsumer.as_asgi()),
    path("ws/visitor/", VisitorConsumer.as_asgi()),
]
