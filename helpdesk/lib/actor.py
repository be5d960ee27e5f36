"""Who acts: every service takes one as `by=`."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["user", "customer", "rule", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, a customer, a rule or the system itself; `name` is for screens only and is never stored in events."""

    kind: Kind
    id: int | None = None
    name: str = ""


SYSTEM = Actor("system")
