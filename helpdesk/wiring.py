"""Who hears what: the only page where rooms meet. `settings.ROOT_EVENTCONF` names it, as ROOT_URLCONF names the URLs."""

from typing import Final

from helpdesk.events import names
from helpdesk.events.record import Hears

AUDIT_ONLY: Final = Hears()

HEARS: Final[dict[str, Hears]] = {
    names.TICKET_OPENED: Hears(),
}
