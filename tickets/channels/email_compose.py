"""What a mail of an agent says: subject, thread, words, signature and files, in the customer's language."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings

from helpdesk.lib import html, mail
from helpdesk.people.models import Customer
from tickets import attachments
from tickets.channels import email_threads, mail_transport
from tickets.models import Attachment, Delivery, Envelope, Mailbox, Message, Ticket

MAX_FILES_BYTES = 20 * 1024 * 1024
MAX_REFERENCES = 20
_PREFIX = ("re:", "aw:", "tr:", "fw:", "fwd:", "sv:", "re :", "tr :")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one address: what is in it, and who else is seen to get it."""

    messages: Sequence[Message]
    address: str
    header_id: str
    mailbox: Mailbox | None
    # To whom answers of this reader belong
    reader: Customer
    to: Sequence[str] = field(default_factory=list)
    cc: Sequence[str] = field(default_factory=list)


def transmit(letter: Letter) -> None:
    """Hand it to the mail server. Raises whatever that says, and DomainError for a lost file or a bad address."""
    newest, mailbox = letter.messages[-1], letter.mailbox
    ticket = newest.ticket
    files, left_out = _files([file for message in letter.messages for file in message.attachments.all()])
    rich = newest.shown_html if len(letter.messages) == 1 else ""
    language = language_of(ticket)
    mail.send(
        to=letter.address,
        shown_to=letter.to,
        shown_cc=letter.cc,
        subject=subject_of(ticket),
        template="tickets/mail/reply",
        context={
            "subject": ticket.subject,
            "number": ticket.number,
            "body": "\n\n".join(message.shown_body for message in letter.messages),
            "html": html.clean(rich),
            "signature": signature(newest, mailbox, language),
            "left_out": left_out,
        },
        language=language,
        headers=thread_headers(ticket, letter.header_id, before=letter.messages[0].seq),
        sender=mailbox.address if mailbox else "",
        sender_name=mailbox.name if mailbox else "",
        reply_to=reply_to(ticket, letter.reader, mailbox),
        message_id=letter.header_id,
        files=files,
        connection=mail_transport.of(mailbox),
    )


def reply_to(ticket: Ticket, reader: Customer, mailbox: Mailbox | None) -> str:
    """The signed address that brings this reader's answer back to the ticket; everybody has his own."""
    if mailbox is None:
        return ""
    return email_threads.reply_address(mailbox.address, ticket_id=ticket.pk, customer_id=reader.pk)


def language_of(ticket: Ticket) -> str:
    """The ticket's language where we speak it, else the customer's, else the installation's."""
    known = dict(settings.LANGUAGES)
    wanted = (ticket.language, ticket.requester.locale, settings.LANGUAGE_CODE)
    return next(code[:2] for code in wanted if code[:2] in known)


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


def signature(message: Message, mailbox: Mailbox | None, language: str) -> str:
    """Who wrote, then the house: the queue's words in the customer's language, else the mailbox's."""
    own = message.author_user.signature.strip() if message.author_user else ""
    queue = message.ticket.queue
    house = _in_language(queue.signature, queue.signature_fr, language)
    if not house and mailbox:
        house = _in_language(mailbox.signature, mailbox.signature_fr, language)
    return "\n".join(part for part in (own or message.author_name, house) if part)


def _in_language(words: str, words_fr: str, language: str) -> str:
    return (words_fr.strip() if language == "fr" else "") or words.strip()


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
