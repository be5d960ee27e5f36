"""Replies and look-alikes written against mail that really left, each with the conversation it belongs to.

The mix of true replies follows how they come: most keep the reply address, some programs lose headers, a few people answer
from an address nobody knows or keep nothing but the number. The look-alikes are what strangers, other customers and forgers
would send; a conversation that takes in one of them is a false merge.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.test import override_settings

from helpdesk.jobs import outbox
from helpdesk.people import customers
from helpdesk.people.customers import Who
from helpdesk.people.models import User
from tests.mail.measure import Share
from tests.mail.words import OWN
from tickets import conversation
from tickets.channels import email_in
from tickets.conversation import Line
from tickets.models import Mailbox, Participant, RawMail, Ticket

SERVER = "mx.acme.example"
_OURS = {"MAIL_AUTHSERV_IDS": [SERVER], "MAIL_SAME_SUBJECT_PER_HOUR": 1_000, "UNSEND_SECONDS": 0, "RECEIPTS_PER_DAY": 0}
_OURS |= {"EMAIL_BACKEND": "helpdesk.lib.mail.OutboxBackend", "JOBS_HAND_OVER": False}


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation with one answer of ours: who asked, who reads along, and the ids and addresses that left."""

    number: int
    ticket: int
    asker: str
    copied: str
    subject: str
    received_id: str
    sent_id: str
    reply_to: str
    copied_reply_to: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail of the collection; `ticket` None: it belongs to none of the conversations that there are."""

    kind: str
    ticket: int | None
    raw: bytes


Writer = Callable[[Talk, Talk], dict[str, str]]
_HOUSE = "support@acme.example"


def _altered(text: str) -> str:
    """The same with the code that we signed changed by one letter."""
    place = text.rindex("@") - 1
    return text[:place] + ("b" if text[place] != "b" else "c") + text[place + 1 :]


def _other_ticket(talk: Talk, other: Talk) -> str:
    """Our reply address with the number of somebody else's conversation put in."""
    return talk.reply_to.replace(f"+{talk.ticket}-", f"+{other.ticket}-")


# How often in a hundred or so, and what the writer of such a reply sends; what is not said is the ordinary
TRUE: dict[str, tuple[int, Writer]] = {
    "reply address, with references": (
        10,
        lambda talk, _: {"to": talk.reply_to, "in_reply_to": talk.sent_id, "references": talk.sent_id},
    ),
    "reply address, headers lost": (2, lambda talk, _: {"to": talk.reply_to}),
    "reply address in Cc": (1, lambda talk, _: {"to": "boss@people.example", "cc": talk.reply_to}),
    "reply address, capitals": (1, lambda talk, _: {"to": talk.reply_to.upper()}),
    "References among others": (1, lambda talk, _: {"references": f"<a@people.example> {talk.sent_id} <b@p.example>"}),
    "In-Reply-To only": (2, lambda talk, _: {"in_reply_to": talk.sent_id}),
    "an id that we received": (2, lambda talk, _: {"in_reply_to": talk.received_id}),
    "somebody in copy, reply address": (1, lambda talk, _: {"sender": talk.copied, "to": talk.copied_reply_to}),
    "somebody in copy, In-Reply-To": (1, lambda talk, _: {"sender": talk.copied, "in_reply_to": talk.sent_id}),
    "subject number only": (1, lambda talk, _: {"subject": f"Re: {talk.subject} [#{talk.ticket}]"}),
    "from an address nobody knows": (
        1,
        lambda talk, _: {"sender": f"private{talk.number}@home.example", "to": talk.reply_to},
    ),
}
_EVE = {"sender": "Eve <eve@evil.example>"}
FOREIGN: dict[str, Writer] = {
    "stranger, subject": lambda talk, _: _EVE | {"subject": f"Re: {talk.subject}"},
    "stranger, subject number": lambda talk, _: _EVE | {"subject": f"Re: {talk.subject} [#{talk.ticket}]"},
    "stranger, leaked id of ours": lambda talk, _: _EVE | {"in_reply_to": talk.sent_id, "references": talk.sent_id},
    "stranger, forged id of ours": lambda talk, _: _EVE | {"references": _altered(talk.sent_id)},
    "stranger, id that we received": lambda talk, _: _EVE | {"in_reply_to": talk.received_id},
    "stranger, leaked reply address": lambda talk, _: _EVE | {"to": talk.reply_to},
    "stranger, name of the asker": lambda talk, _: {
        "sender": f"Asker {talk.number} <e@evil.example>",
        "to": talk.reply_to,
    },
    "stranger, address of the asker as his name": lambda talk, _: {
        "sender": f'"{talk.asker}" <eve@evil.example>',
        "in_reply_to": talk.sent_id,
    },
    "asker, forged reply address": lambda talk, _: {"to": _altered(talk.reply_to)},
    "asker, forged id of ours": lambda talk, _: {"in_reply_to": _altered(talk.sent_id)},
    "asker, a new matter under the same subject": lambda talk, _: {},
    "asker, answer to somebody else's mail": lambda talk, _: {
        "subject": "Re: Lunch",
        "in_reply_to": f"<lunch{talk.number}@people.example>",
    },
    "asker, number of another": lambda talk, other: {"subject": f"Re: {other.subject} [#{other.ticket}]"},
    "asker, id of another": lambda talk, other: {"in_reply_to": other.sent_id},
    "asker, id received of another": lambda talk, other: {"references": other.received_id},
    "asker, reply address of another": lambda talk, other: {"to": other.reply_to},
    "asker, own code with the number of another": lambda talk, other: {"to": _other_ticket(talk, other)},
    "forger, name of the asker, id that we received": lambda talk, _: {
        "in_reply_to": talk.received_id,
        "proof": "fail",
    },
    "somebody in copy, conversation of another": lambda talk, other: {
        "sender": talk.copied,
        "in_reply_to": other.sent_id,
    },
}


# --- the conversations -----------------------------------------------------------------------------------------------


def talks(mailbox: Mailbox, agent: User, count: int) -> list[Talk]:
    """So many conversations, each begun by mail, answered by the agent and read along by somebody in copy."""
    return [_talk(mailbox, agent, number) for number in range(count)]


def _talk(mailbox: Mailbox, agent: User, number: int) -> Talk:
    asker, copied = f"asker{number}@people.example", f"copied{number}@people.example"
    subject, received_id = f"Invoice {100 + number % 3}", f"<first{number}@people.example>"
    words = {"sender": asker, "subject": subject, "message_id": received_id}
    row, _is_new = email_in.store(_mail(f"Something is wrong, {number}.", words), mailbox)
    ticket = email_in.process(row.pk).ticket
    assert ticket is not None
    in_copy = customers.resolve(Who(email=copied))
    Participant.objects.create(ticket=ticket, customer=in_copy, kind=Participant.Role.CC)
    before = set(_left())
    conversation.reply(Ticket.objects.get(pk=ticket.pk), Line(body="We look into it."), by=agent)
    outbox.drain()
    by_reader = {}
    for path in set(_left()) - before:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        token = str(mail["Reply-To"])
        by_reader[copied if f"-{in_copy.pk}-" in token else asker] = (str(mail["Message-ID"]), _address(token))
    sent_id, reply_to = by_reader[asker]
    return Talk(number, ticket.pk, asker, copied, subject, received_id, sent_id, reply_to, by_reader[copied][1])


def _left() -> Iterator[Path]:
    return Path(settings.OUTBOX_ROOT).glob("*.eml")


def _address(header: str) -> str:
    return header.rpartition("<")[2].rstrip(">")


def _mail(body: str, said: dict[str, str]) -> bytes:
    mail = EmailMessage(policy=policy.SMTP)
    sender = said["sender"]
    mail["Authentication-Results"] = f"{SERVER}; dmarc={said.get('proof', 'none')} header.from=people.example"
    mail["From"], mail["To"], mail["Subject"] = sender, said.get("to", _HOUSE), said["subject"]
    mail["Date"], mail["Message-ID"] = "Sat, 21 Nov 2026 10:00:00 +0000", said["message_id"]
    for name in ("cc", "in_reply_to", "references"):
        if name in said:
            mail[name.replace("_", "-").title()] = said[name]
    mail.set_content(body)
    return mail.as_bytes()


# --- the collection --------------------------------------------------------------------------------------------------


def collection(found: list[Talk], seed: int = 5) -> list[Sent]:
    """True replies in their mix and every look-alike, for each conversation, in a random order."""
    choose = random.Random(seed)
    mails: list[Sent] = []
    for talk in found:
        other = found[(talk.number + 1) % len(found)]
        for kind, (often, write) in TRUE.items():
            mails += [_sent(kind, talk.ticket, talk, write(talk, other), choose, turn) for turn in range(often)]
        mails += [_sent(kind, None, talk, write(talk, other), choose, 0) for kind, write in FOREIGN.items()]
    choose.shuffle(mails)
    return mails


def _sent(kind: str, ticket: int | None, talk: Talk, said: dict[str, str], choose: random.Random, turn: int) -> Sent:
    ordinary = {"sender": talk.asker, "subject": f"Re: {talk.subject}" if ticket else talk.subject}
    own = {"message_id": f"<{choose.getrandbits(64):x}@people.example>"}
    body = "\n\n".join([*choose.choice(OWN["en"]), f"({talk.number}, {kind}, {turn})"])
    return Sent(kind, ticket, _mail(body, ordinary | said | own))


@dataclass(frozen=True, slots=True)
class Threads:
    """What became of the collection: true replies that joined (also by kind), and all mails that stand nowhere wrong."""

    joined: Share
    apart: Share
    by_kind: dict[str, Share]


def measure(mailbox: Mailbox, agent: User, count: int) -> Threads:
    """Send the collection through the whole way in, as the batches that a fetcher leaves."""
    with override_settings(**_OURS):
        mails = collection(talks(mailbox, agent, count))
        rows = [email_in.store(sent.raw, mailbox)[0] for sent in mails]
        outbox.drain()
    settled = {row.pk: row for row in RawMail.objects.filter(pk__in=[row.pk for row in rows])}
    by_kind = {kind: Share(kind) for kind in (*TRUE, *FOREIGN)}
    found = Threads(Share("true replies joined"), Share("mails in no wrong conversation"), by_kind)
    for sent, row in zip(mails, rows, strict=True):
        _judge(found, sent, settled[row.pk])
    return found


def _judge(found: Threads, sent: Sent, row: RawMail) -> None:
    joined = row.ticket_id if row.outcome == RawMail.Outcome.MESSAGE else None
    is_right = joined == sent.ticket
    found.by_kind[sent.kind].count(sent.kind, hit=is_right)
    if sent.ticket is not None:
        found.joined.count(sent.kind, hit=is_right)
    if sent.ticket is None or joined is not None:
        found.apart.count(sent.kind, hit=is_right)
