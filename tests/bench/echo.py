"""The bare Channels echo that chat is measured against: same frames, in-memory layer, nothing stored, nobody asked.

Started by tests.bench.chat as `daphne tests.bench.echo:application`.
"""

import os
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.echo_settings"

import django

django.setup()

from channels.generic.websocket import AsyncJsonWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path


class Echo(AsyncJsonWebsocketConsumer):
    """A room of two; a message goes to both, and its sender hears that it was taken."""

    async def connect(self) -> None:
        self.room = self.scope["url_route"]["kwargs"]["room"]
        await self.channel_layer.group_add(self.room, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.room, self.channel_name)

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        if content.get("type") == "message.send":
            await self.channel_layer.group_send(
                self.room, {"type": "news", "frame": {**content, "type": "message.new"}}
            )
            await self.send_json(
                {"type": "message.ack", "origin_id": content["origin_id"], "ticket": self.room, "seq": 1}
            )

    async def news(self, event: dict[str, Any]) -> None:
        await self.send_json(event["frame"])


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/<str:room>/", Echo.as_asgi())])})
