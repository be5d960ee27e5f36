"""Who knocks at the sockets' door is looked up together with whoever else knocks at that moment."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass

from chat import desk, entry, keys, visit
from chat.desk import Standing
from chat.entry import Proof
from helpdesk.people.models import User


@dataclass(frozen=True, slots=True)
class Staff:
    """An agent who may come in."""

    user: User
    proof: Proof
    standing: Standing


def staff(asked: Sequence[Sequence[Proof]]) -> list[Staff | None]:
    """For each the first of his proofs that holds."""
    users = entry.holders({proof for proofs in asked for proof in proofs})
    standings = desk.standings({user.pk: user for user in users.values()}.values()) if users else {}
    found = (next((proof for proof in proofs if proof in users), None) for proofs in asked)
    # A copy: several windows of one user do not share what each of them changes
    return [Staff(copy.copy(users[proof]), proof, standings[users[proof].pk]) if proof else None for proof in found]


def visitors(asked: Sequence[Sequence[str]]) -> list[tuple[visit.Stand, str] | None]:
    """For each the first of his tokens that holds, and where its session stands."""
    sessions = keys.sessions_of({token for tokens in asked for token in tokens})
    found = (next((token for token in tokens if token in sessions), None) for tokens in asked)
    return [(visit.of(sessions[token]), token) if token else None for token in found]
