"""What the server says on both sockets: every frame with its members, from which the frontend's types are made.

News are sent as plain dictionaries by the rooms that they are of; `tests/law` holds what is sent against this page.
"""

from typing import Any, Literal, NotRequired, TypedDict

from chat.shapes import Card, Named, Person, Slugged

__all__ = ["Card", "Named", "Person", "Slugged"]


# --- messages --------------------------------------------------------------------------------------------------------
class Author(TypedDict):
    kind: Literal["agent", "customer", "system"]
    name: str


class MessageFile(TypedDict):
    id: str
    name: str
    size: int
    type: str


class MessageAck(TypedDict):
    """Sent once the message is committed; the same origin id again gets the same answer."""

    type: Literal["message.ack"]
    origin_id: str
    ticket: int
    seq: int
    created_at: str


class MessageNew(TypedDict):
    """`prev` is the message before it, in what this side may see."""

    type: Literal["message.new"]
    ticket: int
    seq: int
    prev: int
    kind: Literal["public", "note"]
    channel: str
    author: Author
    body: str
    attachments: list[MessageFile]
    created_at: str
    origin_id: str | None


class MessageChanged(TypedDict):
    """Its delivery changed, or it was taken back: read it again."""

    type: Literal["message.changed"]
    ticket: int
    seq: int


class Gap(TypedDict):
    """More was missed than frames repeat: read `messages/?after=`."""

    type: Literal["gap"]
    ticket: int


class Typing(TypedDict):
    type: Literal["typing"]
    ticket: int
    author: Author


class Seen(TypedDict):
    type: Literal["seen"]
    ticket: int
    seq: int
    by: Literal["agent", "customer"]


# --- who is there ----------------------------------------------------------------------------------------------------
class Viewer(TypedDict):
    id: int
    name: str
    writing: bool


class Subscribed(TypedDict):
    """From here on messages come: whoever read less than `seq` before fetches the rest."""

    type: Literal["subscribed"]
    ticket: int
    seq: int


class Viewers(TypedDict):
    """Colleagues who have the ticket open."""

    type: Literal["presence"]
    ticket: int
    viewers: list[Viewer]


class Status(TypedDict):
    """Whether a colleague takes work; `reason` when it was not he who said so."""

    type: Literal["presence"]
    user: int
    status: Literal["available", "finishing", "away", "offline"]
    reason: NotRequired[Literal["idle", "back", "missed"]]


class ChatVisitor(TypedDict):
    """The visitor closed his last window, or came back."""

    type: Literal["chat.visitor"]
    ticket: int
    here: bool


class ChatPage(TypedDict):
    """Where the visitor is, by his consent; empty once he withdrew it."""

    type: Literal["chat.page"]
    session: int
    page: str
    title: str


# --- the line --------------------------------------------------------------------------------------------------------
class ChatWaiting(TypedDict):
    """To desks: a chat waits in this queue."""

    type: Literal["chat.waiting"]
    session: int
    ticket: int | None
    queue: str


class ChatPlace(TypedDict):
    """To the visitor who waits: his place; both null while nobody is there or nothing is known. Late, `others` are left."""

    type: Literal["chat.waiting"]
    session: int
    position: int | None
    wait_s: int | None
    late: bool
    others: NotRequired[list[Literal["callback", "writing"]]]


class ChatOffer(TypedDict):
    """This agent is asked first; as in `GET chat/line/`."""

    type: Literal["chat.offer"]
    session: Card


class ChatAccepted(TypedDict):
    type: Literal["chat.accepted"]
    session: int
    ticket: int | None
    agent: Named


class ChatEnded(TypedDict):
    type: Literal["chat.ended"]
    session: int
    ticket: int | None
    by: Literal["agent", "customer", "system"]


# --- between agents --------------------------------------------------------------------------------------------------
class Handover(TypedDict):
    id: int
    session: Card
    by: Named
    line: str
    warm: bool
    until: str


class ChatHandover(TypedDict):
    """A colleague is asked to take over a chat."""

    type: Literal["chat.handover"]
    handover: Handover


class ChatHandoverEnded(TypedDict):
    """To both: how the asking ended."""

    type: Literal["chat.handover_ended"]
    handover: int
    session: int
    how: Literal["accepted", "declined", "expired", "withdrawn"]


ChatHanded = TypedDict(
    "ChatHanded",
    {
        "type": Literal["chat.handed"],
        "session": int,
        "ticket": int | None,
        "from": Named | None,
        "to": Named | None,
        "queue": str,
        "how": str,
    },
)
"""A chat changed hands; `to` is null when it waits in a line again."""


class ChatWatched(TypedDict):
    """A supervisor looks on."""

    type: Literal["chat.watched"]
    session: int
    ticket: int | None
    by: Named


class ChatHelp(TypedDict):
    """An agent asks the supervisors of the queue for help; no longer when `line` is null."""

    type: Literal["chat.help"]
    session: int
    ticket: int | None
    by: Named | None
    line: str | None


# --- tickets, call-backs, rules --------------------------------------------------------------------------------------
class TicketChanged(TypedDict):
    """Fetch the row again."""

    type: Literal["ticket.changed"]
    ticket: int
    queue: str
    version: int
    event: str


class TicketOffer(TypedDict):
    """Held out to this agent until then."""

    type: Literal["ticket.offer"]
    ticket: int
    number: str
    subject: str
    until: str


class TicketOfferGone(TypedDict):
    type: Literal["ticket.offer_gone"]
    ticket: int


class CallbackChanged(TypedDict):
    """Fetch it again. `queue` and `agent` are for desks, `attempts` for the visitor."""

    type: Literal["callback.changed"]
    id: int
    ticket: int
    state: str
    due_at: str
    queue: NotRequired[str]
    agent: NotRequired[Named | None]
    attempts: NotRequired[int]


class CallbackDue(TypedDict):
    """Its moment is near; as in `GET callbacks/`."""

    type: Literal["callback.due"]
    callback: dict[str, Any]


class CallChanged(TypedDict):
    """Something happened to a telephone call of this agent: it rings at him, or he has it. Fetch `calls/now/`."""

    type: Literal["call.changed"]
    call: int
    state: Literal["ringing", "answered", "ended", "missed"]
    direction: Literal["in", "out"]
    number: str
    agent: Named | None
    ticket: int | None


class Editor(TypedDict):
    id: int | None
    name: str


class RulesChanged(TypedDict):
    """To those who may change rules; `revision` 0: the draft was discarded."""

    type: Literal["rules.changed"]
    what: Literal["published", "draft"]
    number: NotRequired[int]
    revision: NotRequired[int]
    by: Editor


# --- the line itself -------------------------------------------------------------------------------------------------
class Ping(TypedDict):
    type: Literal["ping"]


class Refusal(TypedDict):
    """`code` alone says what; a refused message names its `origin_id`, a refused ticket its id."""

    type: Literal["error"]
    code: str
    origin_id: NotRequired[str]
    ticket: NotRequired[int]
    session: NotRequired[int]
    id: NotRequired[str]
