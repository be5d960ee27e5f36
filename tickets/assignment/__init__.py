"""Give work to people who are there: `giving` decides under lock, `waking` says when to try, `account` keeps why."""

from tickets.assignment.giving import give
from tickets.assignment.returns import somebody_left
from tickets.assignment.waking import after_chat, follow_ticket, offer_ended, push, queue_changed, somebody_came

__all__ = [
    "after_chat",
    "follow_ticket",
    "give",
    "offer_ended",
    "push",
    "queue_changed",
    "somebody_came",
    "somebody_left",
]
