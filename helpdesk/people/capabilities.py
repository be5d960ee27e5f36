"""What a role may do: capabilities are strings in code, roles are sets of them."""

from typing import Final

READ: Final = frozenset({"ticket.read", "customer.read", "knowledge.read", "queue.read"})
AGENT: Final = READ | {
    "ticket.reply",
    "ticket.note",
    "ticket.update",
    "ticket.assign",
    "ticket.create",
    "ticket.draft",
    "chat.read",
    "chat.take",
    "call.read",
    "mail.quarantine",
    "customer.merge",
    "team.read",
    "knowledge.write",
}
SUPERVISOR: Final = AGENT | {
    "chat.watch",
    "survey.read",
    "report.read",
    "rule.read",
    "rule.write",
    "message.reveal",
    "team.manage",
    "queue.manage",
    "customer.share",
    "knowledge.publish",
}
# "call.report": say what the telephone does, which otherwise only telephone systems may
ADMIN: Final = SUPERVISOR | {"admin", "call.report", "customer.import", "customer.export"}

OF_ROLE: Final[dict[str, frozenset[str]]] = {
    "reader": READ,
    "agent": AGENT,
    "supervisor": SUPERVISOR,
    "admin": ADMIN,
}
