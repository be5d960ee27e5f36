"""One door to a ticket, one pen for a message: whoever fetches past access.py forgets the rights of the caller."""

import re

from tests.law import files

ROOMS = [f"{room}/*.py" for room in files.PYTHON_ROOMS]


def test_tickets_are_fetched_only_by_access_py() -> None:
    found = _outside(r"\bTicket\.objects\.(select_for_update\(\)\.)?get\(", "tickets/access.py")
    # the demo plays its own past: nobody calls it from outside
    assert [line for line in found if not line.startswith("helpdesk/demo/")] == []


def test_messages_are_written_only_by_conversation_py() -> None:
    assert _outside(r"\bMessage(\.objects\.(bulk_)?create)?\(ticket", "tickets/conversation.py") == []
    assert _outside(r"\bMessage\.objects\.(bulk_)?create\(", "tickets/conversation.py") == []


def test_nothing_listens_by_signal_but_the_search_index() -> None:
    """Wiring is one page (helpdesk/wiring.py); post_migrate alone may be connected, to lay the search index."""
    found = files.lines_with(r"@receiver\(|\.connect\(", files.committed(*ROOMS))
    signals = [line for line in found if re.search(r"@receiver|(pre|post)_(save|delete|init)|m2m_changed", line)]
    assert signals == []


def test_no_model_overrides_save() -> None:
    assert files.lines_with(r"^    def save\(self", files.committed("*/models.py", "*/models/*.py")) == []


def _outside(pattern: str, owner: str) -> list[str]:
    return files.lines_with(pattern, [path for path in files.committed(*ROOMS) if not path.match(owner)])
