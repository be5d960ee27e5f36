"""Mail handed over by a provider's webhook: checked and understood by django-anymail, kept whole before anything else.

`POST /mail/in/<provider>/`. Whoever calls proves himself as anymail demands it (Basic auth with ANYMAIL_WEBHOOK_SECRET, or
the provider's signature); a provider without its secret is not served at all. The bytes go to `email_in.store` as the
provider received them where it gives them, else rebuilt from its fields; 200 is said only after they are committed.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.policy import default as policy
from email.utils import getaddresses
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tickets import mailboxes
from tickets.channels import email_in, multipart, webhook_views

log = structlog.get_logger(__name__)
MAX_HEADER = 50_000
# base64 in JSON, and a little for what stands around it
_OVERHEAD = 1.5


@dataclass(frozen=True, slots=True)
class Provider:
    """A class of anymail or of `webhook_views`, the settings without which nobody could prove to be it, its raw mail."""

    view: str
    secrets: tuple[str, ...]
    raw: Callable[[Any], str | bytes | None] = lambda _event: None
    package: str = ""


def _in(*path: str) -> Callable[[Any], Any]:
    """Digs a value out of an event of JSON."""

    def dig(event: Any) -> Any:
        for name in path:
            event = event.get(name) if isinstance(event, Mapping) else None
        return event

    return dig


def _posted(name: str) -> Callable[[Any], Any]:
    """A form field, as it was sent: the event of these providers is the request itself."""
    return lambda request: getattr(request, "raw_fields", {}).get(name) or request.POST.get(name)


def _postal(event: Any) -> str | bytes | None:
    raw = _in("message")(event)
    return base64.b64decode(raw) if raw and _in("base64")(event) else raw


_BASIC = ("WEBHOOK_SECRET",)
PROVIDERS: dict[str, Provider] = {
    "amazon_ses": Provider("amazon_ses.AmazonSESInboundWebhookView", _BASIC, package="boto3"),
    "brevo": Provider("ours.Brevo", (*_BASIC, "BREVO_API_KEY")),
    "mailersend": Provider(
        "mailersend.MailerSendInboundWebhookView", ("MAILERSEND_INBOUND_SECRET",), _in("data", "raw")
    ),
    "mailgun": Provider("mailgun.MailgunInboundWebhookView", ("MAILGUN_WEBHOOK_SIGNING_KEY",), _posted("body-mime")),
    "mailjet": Provider("mailjet.MailjetInboundWebhookView", _BASIC),
    "mailtrap": Provider("ours.Mailtrap", ("MAILTRAP_INBOUND_SECRET", "MAILTRAP_API_TOKEN")),
    "mandrill": Provider(
        "mandrill.MandrillCombinedWebhookView", ("MANDRILL_WEBHOOK_KEY", "MANDRILL_WEBHOOK_URL"), _in("msg", "raw_msg")
    ),
    "postal": Provider("ours.Postal", ("POSTAL_WEBHOOK_KEY",), _postal),
    "postmark": Provider("postmark.PostmarkInboundWebhookView", _BASIC, _in("RawEmail")),
    "resend": Provider("ours.Resend", ("RESEND_INBOUND_SECRET", "RESEND_API_KEY")),
    "sendgrid": Provider("sendgrid.SendGridInboundWebhookView", _BASIC, _posted("email")),
    "sparkpost": Provider("ours.SparkPost", _BASIC, _in("msys", "relay_message", "content", "email_rfc822")),
}


def is_ready(provider: Provider) -> bool:
    """Whether everything is set without which its calls could not be told from anybody's."""
    has_package = not provider.package or find_spec(provider.package) is not None
    return has_package and all(settings.ANYMAIL.get(name) for name in provider.secrets)


@csrf_exempt
@require_http_methods(["HEAD", "POST"])
def receive(request: HttpRequest, provider: str) -> HttpResponse:
    """The address that is given to the provider. Any answer but 2xx makes it try again later."""
    known = PROVIDERS.get(provider)
    if known is None or not is_ready(known):
        raise Http404
    if request.method == "POST":
        _read_body(request)
    view = _view(provider, known)
    try:
        answer: HttpResponse = view.as_view()(request)
    except webhook_views.DownloadError as error:
        log.warning("mail.webhook_download_failed", provider=provider, reason=str(error))
        return HttpResponse("The mail could not be downloaded from you: call again later.", status=503)
    return answer


def _read_body(request: HttpRequest) -> None:
    """The whole body within our own limit: Django's is meant for forms that people fill in."""
    limit = int(settings.MAIL_MAX_BYTES * _OVERHEAD)
    body = request.read(limit + 1)
    if len(body) > limit:
        raise SuspiciousOperation("larger than MAIL_MAX_BYTES")
    request._body = body
    if request.content_type == "multipart/form-data":
        form = multipart.read(body, (request.content_params or {}).get("boundary", ""))
        request._post, request._files = form.fields, form.files  # type: ignore[attr-defined]
        request.raw_fields = form.raw  # type: ignore[attr-defined]
    elif request.content_type == "application/x-www-form-urlencoded":
        request._post = QueryDict(body, encoding=request.encoding or "utf-8")  # type: ignore[attr-defined]


def _view(name: str, provider: Provider) -> Any:
    module, _, view = provider.view.rpartition(".")
    home = webhook_views if module == "ours" else import_module(f"anymail.webhooks.{module}")
    found = getattr(home, view)
    taker = _Taker(name, provider)
    # Mandrill's view names its signal itself while it reads: whatever it says, mail comes to us
    signal = property(lambda _view: taker, lambda _view, _signal: None)
    return type(view, (found,), {"signal": signal})


@dataclass(frozen=True, slots=True)
class _Taker:
    """Stands where anymail has its signal: one listener, called by name."""

    name: str
    provider: Provider

    def send(self, *, event: Any, **_about: Any) -> None:
        message = getattr(event, "message", None)
        if event.event_type != "inbound" or message is None:
            return
        raw = self._raw(event)
        mailbox = mailboxes.for_recipients(_recipients(message, raw))
        if mailbox is None:
            raise Http404("no mailbox")
        row, is_new = email_in.store(raw, mailbox)
        log.info("mail.webhook", provider=self.name, raw_mail=row.pk, is_new=is_new)

    def _raw(self, event: Any) -> bytes:
        found = getattr(event.message, "as_it_came", None) or self.provider.raw(event.esp_event)
        if isinstance(found, str):
            return found.encode("utf-8", "surrogateescape")
        if found:
            return found
        # What was parsed is written again as it stood; what was built from fields, as a mail program would
        return bytes(event.message.as_bytes(policy=policy.clone(refold_source="none", cte_type="8bit")))


def _recipients(message: Any, raw: bytes) -> list[str]:
    """The envelope's recipient, then who stands in the headers; read from the bytes, where no header can stall us."""
    found = [message.envelope_recipient or ""]
    head = raw[:MAX_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    lines = head.replace("\n ", " ").replace("\n\t", " ").splitlines()
    for name in ("delivered-to", "x-original-to", "to", "cc"):
        values = [line.partition(":")[2] for line in lines if line.lower().startswith(f"{name}:")]
        found += [address for _name, address in getaddresses([value[:2000] for value in values])]
    return [address for address in found if address]
