"""News of tickets to open screens. Notes go to the agents' group only: no code path here sends one to the public group."""

from typing import Any

from django.db.models import Max

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.lib import live
from tickets.models import Message, Ticket
from tickets.models.ticket import Channel


def agents(ticket_id: int) -> str:
    """The group of agents who have the ticket open."""
    return f"ticket.{ticket_id}"


def public(ticket_id: int) -> str:
    """The group of the ticket's customer."""
    return f"ticket.{ticket_id}.public"


def queue(queue_id: int) -> str:
    """The group of everybody who sees a queue."""
    return f"queue.{queue_id}"


def user(user_id: int) -> str:
    """All open desks of one user."""
    return f"user.{user_id}"


def frame(message: Message, prev: int) -> live.Frame:
    """`message.new` as both sides get it; `prev` is the seq before it in what that side may see."""
    return {
        "type": "message.new",
        "ticket": message.ticket_id,
        "seq": message.seq,
        "prev": prev,
        "kind": message.kind,
        "channel": message.channel,
        "author": author(message),
        "body": message.shown_body,
        "attachments": [
            {"id": str(file.pk), "name": file.name, "size": file.size, "type": file.type}
            for file in message.attachments.all()
        ],
        "created_at": message.created_at.isoformat(),
        "origin_id": message.origin_id,
    }


def changed(ticket_id: int, seq: int) -> live.Frame:
    """`message.changed`: something about a message is new (its delivery, taken back): fetch it again."""
    return {"type": "message.changed", "ticket": ticket_id, "seq": seq}


def author(message: Message) -> dict[str, Any]:
    return {"kind": message.author_kind, "name": message.author_name}


def message_posted(event: Event) -> None:
    """Tell who has the ticket open; the customer only what is public."""
    if event.data["seq"] == 1 and event.data["channel"] == Channel.EMAIL:
        return  # nobody has open what did not exist, and lists were told that it was opened
    message = _message(event)
    if message is None:
        return
    news = frame(message, message.seq - 1)
    if not message.is_public or message.is_held:
        live.send(agents(event.subject_id), news)
    elif event.data["prev_public"] == news["prev"]:
        live.send_all([agents(event.subject_id), public(event.subject_id)], news)
    else:
        live.send(agents(event.subject_id), news)
        live.send(public(event.subject_id), {**news, "prev": event.data["prev_public"]})
    ticket_changed(event)


def released(message: Message) -> None:
    """It cannot be taken back any more: a customer who has the conversation open sees it now."""
    before = message.ticket.messages.public().filter(seq__lt=message.seq).aggregate(seq=Max("seq"))["seq"]
    live.publish(public(message.ticket_id), frame(message, before or 0))


def _message(event: Event) -> Message | None:
    at_hand = event.at_hand[1]
    if isinstance(at_hand, Message):
        return at_hand
    return Message.objects.with_words().filter(ticket_id=event.subject_id, seq=event.data["seq"]).first()


def message_changed(event: Event) -> None:
    """Agents who have the ticket open fetch the message again, lists its row."""
    live.send(agents(event.subject_id), changed(event.subject_id, event.data["seq"]))
    ticket_changed(event)


def _ticket(ticket_id: int) -> Ticket | None:
    return Ticket.objects.filter(pk=ticket_id).select_related("queue").first()


def ticket_changed(event: Event) -> None:
    """Lists that show the ticket fetch its row again."""
    at_hand = event.at_hand[0]
    ticket = at_hand if isinstance(at_hand, Ticket) else _ticket(event.subject_id)
    if ticket is None:
        return
    news = {
        "type": "ticket.changed",
        "ticket": ticket.pk,
        "queue": ticket.queue.slug,
        "version": ticket.version,
        "event": event.name,
    }
    groups = [queue(ticket.queue_id), *([user(ticket.assignee_id)] if ticket.assignee_id else [])]
    if event.name == names.MESSAGE_POSTED:
        # A chat says ten things while a list is drawn once
        live.send_settled(f"ticket.{ticket.pk}", groups, news)
    else:
        live.send_all(groups, news)
    if (before := event.data.get("from")) and event.name == names.TICKET_ROUTED:
        from_queue = type(ticket.queue).objects.filter(slug=before).values_list("pk", flat=True).first()
        if from_queue:
            live.send(queue(from_queue), news)
