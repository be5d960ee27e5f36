"""Agents' words on their way out by mail: one Delivery per message and address, threaded, in the customer's language."""

import smtplib
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.db.models import F

from helpdesk.events.models import Event
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, html, mail, text
from helpdesk.people import customers, presence
from helpdesk.people.models import Identity
from tickets import attachments
from tickets.channels import email_threads
from tickets.models import Attachment, Delivery, Envelope, Mailbox, Message, Ticket
from tickets.models.ticket import Channel

MAX_FILES_BYTES = 20 * 1024 * 1024
MAX_REFERENCES = 20
_OURS_TO_MEND = (
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPConnectError,
    smtplib.SMTPHeloError,
    smtplib.SMTPSenderRefused,
)
_PREFIX = ("re:", "aw:", "tr:", "fw:", "fwd:", "sv:", "re :", "tr :")


def deliver(event_id: int) -> None:
    """Job after `message.posted`: mail what an agent wrote to the customer; what was said in a chat only if it stays unseen."""
    event = Event.objects.get(pk=event_id)
    message = _message(event.subject_id, event.data["seq"])
    if message is None or not _leaves(message):
        return
    if message.channel == Channel.CHAT:
        delay = timedelta(seconds=settings.UNSEEN_MAIL_SECONDS)
        outbox.enqueue(deliver_unseen, delay=delay, ticket_id=message.ticket_id)
        return
    _send([message])


def deliver_unseen(ticket_id: int) -> None:
    """Job some time after a chat line: one mail with everything the visitor has not seen and that was not mailed yet."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None:
        return
    lines = Message.objects.public().filter(ticket=ticket, channel=Channel.CHAT, author_user__isnull=False)
    unseen = lines.after(ticket.customer_seen_seq).exclude(deliveries__state__in=_DONE).with_people()
    messages = [message for message in unseen if _leaves(message)]
    if messages and presence.is_watching(ticket_id):
        _look_again(ticket_id)
    elif messages:
        _send(messages)


def _look_again(ticket_id: int) -> None:
    """The widget is open before him: he may still read, or leave without having read. Once per ticket and slot of time."""
    wait = max(1, settings.UNSEEN_MAIL_SECONDS)
    slot = int(clock.now().timestamp()) // wait + 1
    delay = timedelta(seconds=settings.UNSEEN_MAIL_SECONDS)
    outbox.enqueue(deliver_unseen, delay=delay, unique_key=f"unseen:{ticket_id}:{slot}", ticket_id=ticket_id)


_DONE = [Delivery.State.SENT, Delivery.State.BOUNCED, Delivery.State.FAILED]


def recipient(ticket: Ticket) -> str:
    """Where answers to this ticket go: the address it came from, else a proved one, else one that staff or a form was given.

    A visitor of the chat only claims an address: until it is proved no word about him goes there.
    """
    requester = ticket.requester.merged_into or ticket.requester
    if ticket.reply_address:
        return ticket.reply_address
    if proved := customers.proved_email(requester):
        return proved
    if ticket.channel == Channel.CHAT or requester.is_visitor:
        return ""
    claimed = requester.identities.filter(kind=Identity.Kind.EMAIL).order_by("-pk")
    return claimed.values_list("value", flat=True).first() or ""


def mailbox_of(ticket: Ticket) -> Mailbox | None:
    """The address that speaks for this ticket: the one written to, else its queue's, else any of ours."""
    if ticket.mailbox and ticket.mailbox.is_active:
        return ticket.mailbox
    active = Mailbox.objects.filter(is_active=True).order_by("pk")
    return active.filter(queue=ticket.queue).first() or active.first()


def language_of(ticket: Ticket) -> str:
    """The ticket's language where we speak it, else the customer's, else the installation's."""
    known = dict(settings.LANGUAGES)
    wanted = (ticket.language, ticket.requester.locale, settings.LANGUAGE_CODE)
    return next(code[:2] for code in wanted if code[:2] in known)


def _message(ticket_id: int, seq: int) -> Message | None:
    found = Message.objects.with_people().filter(ticket_id=ticket_id, seq=seq)
    return found.select_related(
        "ticket__requester__merged_into", "ticket__queue", "ticket__mailbox", "author_user"
    ).first()


def _leaves(message: Message) -> bool:
    """Only an agent's public words; a note never, nor what was redacted meanwhile.

    What was seen counts in chats alone (`deliver_unseen`): a customer who writes a second mail has not read our answer yet.
    """
    return message.is_public and message.author_user_id is not None and message.redacted_at is None


def _send(messages: Sequence[Message]) -> None:
    """One mail with these messages; raises what the transport raised so that the job tries again."""
    ticket, newest = messages[0].ticket, messages[-1]
    address = recipient(ticket)
    mailbox = mailbox_of(ticket)
    if not address or Mailbox.objects.filter(address__iexact=email_threads.without_token(address)).exists():
        return
    sender = mailbox.address if mailbox else ""
    header_id = email_threads.message_id(ticket.pk, newest.seq, mail.domain_of(sender or settings.DEFAULT_FROM_EMAIL))
    deliveries = [_delivery(message, address, header_id) for message in messages]
    if all(delivery.state in _DONE for delivery in deliveries):
        return
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(attempts=F("attempts") + 1)
    try:
        _transmit(messages, address, mailbox, header_id)
    except smtplib.SMTPException as error:
        _note_failure(
            deliveries, error, is_final=_is_permanent(error) or deliveries[-1].attempts + 1 >= settings.JOB_MAX_ATTEMPTS
        )
        if not _is_permanent(error):
            raise
    except (OSError, errors.TooMany) as error:
        _note_failure(deliveries, error, is_final=deliveries[-1].attempts + 1 >= settings.JOB_MAX_ATTEMPTS)
        raise
    except (errors.DomainError, ValueError) as error:  # a file that is lost, an address no server takes
        _note_failure(deliveries, error, is_final=True)
    else:
        done = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
        done.update(state=Delivery.State.SENT, sent_at=clock.now(), error="")


def _delivery(message: Message, address: str, header_id: str) -> Delivery:
    """The unique row of this message and address; a mail sent again after a crash carries the same Message-ID."""
    defaults = {"header_id": header_id, "created_at": clock.now()}
    return Delivery.objects.get_or_create(message=message, address=address, defaults=defaults)[0]


def _note_failure(deliveries: Sequence[Delivery], error: Exception, *, is_final: bool) -> None:
    state = Delivery.State.FAILED if is_final else Delivery.State.QUEUED
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
    rows.update(state=state, error=text.one_line(f"{type(error).__name__}: {error}", 500))


def _is_permanent(error: smtplib.SMTPException) -> bool:
    """A 5xx to this mail or this address; a refused log-in or sender is ours to mend, so it is tried again."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _ in error.recipients.values())
    if isinstance(error, _OURS_TO_MEND):
        return False
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def _transmit(messages: Sequence[Message], address: str, mailbox: Mailbox | None, header_id: str) -> None:
    ticket, newest = messages[0].ticket, messages[-1]
    requester = ticket.requester.merged_into or ticket.requester
    files, left_out = _files([file for message in messages for file in message.attachments.all()])
    rich = newest.html if len(messages) == 1 else ""
    reply_to = ""
    if mailbox:
        reply_to = email_threads.reply_address(mailbox.address, ticket_id=ticket.pk, customer_id=requester.pk)
    mail.send(
        to=address,
        subject=subject_of(ticket),
        template="tickets/mail/reply",
        context={
            "subject": ticket.subject,
            "number": ticket.number,
            "body": "\n\n".join(message.body for message in messages),
            "html": html.clean(rich),
            "signature": _signature(newest, mailbox),
            "left_out": left_out,
        },
        language=language_of(ticket),
        headers=thread_headers(ticket, header_id, before=messages[0].seq),
        sender=mailbox.address if mailbox else "",
        sender_name=mailbox.name if mailbox else "",
        reply_to=reply_to,
        message_id=header_id,
        files=files,
    )


def subject_of(ticket: Ticket) -> str:
    """`Re:` once, the customer's subject, and the number as a hint for people (it threads nothing here)."""
    subject = ticket.subject
    while (prefix := next((known for known in _PREFIX if subject.lower().startswith(known)), "")) and len(
        subject
    ) > len(prefix):
        subject = subject[len(prefix) :].lstrip()
    return f"Re: {subject} [#{ticket.number}]"


def thread_headers(ticket: Ticket, header_id: str, *, before: int) -> dict[str, str]:
    """In-Reply-To and References, so that the mail stands under what it answers in every mail program."""
    domain = header_id.rstrip(">").rpartition("@")[2]
    received = _received(ticket, before)
    sent = _sent(ticket, before)
    chain = [found for _seq, found in sorted({**sent, **received}.items()) if found and found != header_id]
    if not chain:
        chain = [email_threads.message_id(ticket.pk, 0, domain)]
    chain = list(dict.fromkeys(chain))
    answered = next((received[seq] for seq in sorted(received, reverse=True)), chain[-1])
    chain = chain if len(chain) <= MAX_REFERENCES else chain[:1] + chain[-(MAX_REFERENCES - 1) :]
    return {"In-Reply-To": answered, "References": " ".join([*(i for i in chain if i != answered), answered])}


def _received(ticket: Ticket, before: int) -> dict[int, str]:
    """Message-IDs of the customer's mails by seq; a malformed one is not repeated."""
    rows = Envelope.objects.filter(message__ticket=ticket, message__seq__lt=before, message__machine="")
    found = rows.values_list("message__seq", "header_id")
    return {seq: header_id for seq, header_id in found if header_id.startswith("<") and header_id.endswith(">")}


def _sent(ticket: Ticket, before: int) -> dict[int, str]:
    rows = Delivery.objects.filter(message__ticket=ticket, message__seq__lt=before, state=Delivery.State.SENT)
    return dict(rows.values_list("message__seq", "header_id"))


def _signature(message: Message, mailbox: Mailbox | None) -> str:
    own = message.author_user.signature.strip() if message.author_user else ""
    return own or (mailbox.signature.strip() if mailbox else "") or (message.author_name)


def _files(rows: Sequence[Attachment]) -> tuple[list[mail.File], list[str]]:
    """The files that fit into a mail, and the names of those that do not."""
    files: list[mail.File] = []
    left_out: list[str] = []
    room = MAX_FILES_BYTES
    for row in rows:
        if row.size > room:
            left_out.append(row.name)
            continue
        room -= row.size
        files.append(mail.File(row.name, row.type, attachments.content(row)))
    return files, left_out
