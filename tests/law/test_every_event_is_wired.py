"""Every event has its line on the wiring page, even if only to say that nobody but the log hears it."""

import pytest
from django.utils.module_loading import import_string

from helpdesk import wiring
from helpdesk.events import names
from helpdesk.jobs import outbox

NAMES = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}


def test_every_name_is_wired_and_every_wire_has_a_name() -> None:
    assert set(wiring.HEARS) == NAMES


@pytest.mark.parametrize("name", sorted(wiring.HEARS))
def test_every_durable_listener_can_be_found_again_by_its_path(name: str) -> None:
    """A job row holds the path of its function: it must lead back to the same function."""
    for job in wiring.HEARS[name].jobs:
        assert import_string(outbox.path_of(job)) is job
