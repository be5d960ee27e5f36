"""Where anymail's views do what we do not: download past `egress`, or stumble over mail that is not UTF-8.

Some providers send only a word that mail has come, and their program is to fetch it: that is done here through
`helpdesk.lib.fetching`, from an address of TLS, within MAIL_MAX_BYTES and a time, with the key sent to the provider alone.
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urljoin

from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.inbound import AnymailInboundMessage
from anymail.signals import AnymailInboundEvent, EventType
from anymail.webhooks.brevo import BrevoInboundWebhookView
from anymail.webhooks.mailtrap import MailtrapInboundWebhookView
from anymail.webhooks.postal import PostalInboundWebhookView
from anymail.webhooks.resend import ResendInboundWebhookView
from anymail.webhooks.sparkpost import SparkPostInboundWebhookView
from django.conf import settings
from django.http import HttpRequest

from helpdesk.lib import clock, fetching
from helpdesk.lib.fetching import Deadline

_SECONDS = 20
_TOLERANCE_S = 300


class DownloadError(Exception):
    """The provider's word was good, but the mail could not be fetched from it: it is asked to call again."""


def download(url: str, **headers: str) -> fetching.Answer:
    """Raises DownloadError with what was wrong; nothing of the key or the address is in its words."""
    try:
        answer = fetching.get(url, headers=headers, deadline=Deadline(_SECONDS), limit=settings.MAIL_MAX_BYTES)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise DownloadError(type(error).__name__) from error
    if answer.location:
        raise DownloadError("moved elsewhere")
    return answer


class Brevo(BrevoInboundWebhookView):
    """Sends all but the files."""

    def _fetch_attachment(self, attachment: dict[str, Any]) -> Any:
        where = urljoin(self.api_url, f"inbound/attachments/{quote(attachment['DownloadToken'], safe='')}")
        answer = download(where, **{"api-key": self.api_key})
        return AnymailInboundMessage.construct_attachment(
            content_type=answer.type or attachment.get("ContentType", "application/octet-stream"),
            content=answer.data,
            filename=attachment.get("Name"),
            content_id=attachment.get("ContentID"),
        )


class Mailtrap(MailtrapInboundWebhookView):
    """Sends an id; what it stands for is the mail as it came."""

    def fetch_inbound_message(self, inbox_id: int, message_id: str) -> Any:
        where = f"inbound/inboxes/{quote(str(inbox_id), safe='')}/messages/{quote(message_id, safe='')}"
        return _json(download(urljoin(self.api_url, where), Authorization=f"Bearer {self.api_token}"))

    def fetch_raw_message_chunks(self, raw_message_url: str) -> Iterator[bytes]:
        self._came = download(raw_message_url).data
        yield self._came

    def esp_to_anymail_event(self, esp_event: Any) -> Any:
        event = super().esp_to_anymail_event(esp_event)
        if event is not None:
            event.message.as_it_came = self._came
        return event


class Resend(ResendInboundWebhookView):
    """Sends an id; its signature is checked here, since anymail wants a package for that."""

    def __init__(self, **kwargs: Any) -> None:
        self._key = _svix_key(str(settings.ANYMAIL.get("RESEND_INBOUND_SECRET", "")))
        kwargs["inbound_secret"] = None
        super().__init__(**kwargs)
        self.warn_if_no_basic_auth = False

    def validate_request(self, request: HttpRequest) -> None:
        stamp, name = request.headers.get("svix-timestamp", ""), request.headers.get("svix-id", "")
        signed = b".".join([name.encode(), stamp.encode(), request.body])
        mark = base64.b64encode(hmac.new(self._key, signed, hashlib.sha256).digest()).decode()
        given = [part.removeprefix("v1,") for part in request.headers.get("svix-signature", "").split()]
        is_recent = (
            stamp.isascii() and stamp.isdigit() and abs(clock.now().timestamp() - int(stamp[:12])) <= _TOLERANCE_S
        )
        if not is_recent or not any(hmac.compare_digest(mark.encode(), one.encode()) for one in given):
            raise AnymailWebhookValidationFailure("Resend webhook called with incorrect signature")

    def _fetch_inbound_email(self, email_id: str) -> Any:
        where = urljoin(self.api_url, f"emails/receiving/{quote(str(email_id), safe='')}")
        told = _json(download(where, Authorization=f"Bearer {self.api_key}"))
        raw_url = (told.get("raw") or {}).get("download_url")
        if not raw_url:
            raise DownloadError("the provider names no raw mail")
        raw = download(raw_url).data
        message = AnymailInboundMessage.parse_raw_mime_bytes(raw)
        message.as_it_came = raw
        return message


def _svix_key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except binascii.Error:
        return secret.encode()


def _json(answer: fetching.Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.data)
    except ValueError as error:
        raise DownloadError("no JSON") from error
    if not isinstance(found, dict):
        raise DownloadError("no JSON")
    return found


class Postal(PostalInboundWebhookView):
    """Sends bytes of any charset."""

    def parse_events(self, request: HttpRequest) -> list[Any]:
        told = json.loads(request.body)
        if "status" in told or told.get("base64") is not True:
            found: list[Any] = super().parse_events(request)
            return found
        message = AnymailInboundMessage.parse_raw_mime_bytes(base64.b64decode(told["message"]))
        message.envelope_sender, message.envelope_recipient = told.get("mail_from"), told.get("rcpt_to")
        event = AnymailInboundEvent(
            event_type=EventType.INBOUND, timestamp=None, event_id=told.get("id"), esp_event=told, message=message
        )
        return [event]


class SparkPost(SparkPostInboundWebhookView):
    """Sends bytes of any charset."""

    def esp_to_anymail_event(self, event_class: str, event: Any, raw_event: Any) -> Any:
        content = event.get("content") or {}
        if event_class != "relay_message" or not content.get("email_rfc822_is_base64"):
            return super().esp_to_anymail_event(event_class, event, raw_event)
        raw = base64.b64decode(content["email_rfc822"])
        readable = {"email_rfc822": raw.decode("latin-1"), "email_rfc822_is_base64": False}
        found = super().esp_to_anymail_event(event_class, event | {"content": readable}, raw_event)
        found.message.as_it_came = raw
        return found
