"""Whoever may change the rules hears that somebody else did; nobody else hears of it."""

from typing import Any

import pytest

from chat.sockets import in_thread
from helpdesk.people.models import User
from tests.chat.conftest import Desk
from tickets import routing
from tickets.models import Queue
from tickets.rules import drafts

pytestmark = pytest.mark.django_db(transaction=True)


async def test_editors_hear_of_the_draft_and_of_what_is_published(
    desk: Desk, bob: User, charlie: User, billing: Queue, technical: Queue
) -> None:
    editor, agent = await desk(bob), await desk(charlie)
    by = {"id": bob.pk, "name": bob.name}
    rule: dict[str, Any] = {"name": "Invoices", "conditions": {}, "actions": {"queue": "billing"}}

    draft = await in_thread(lambda: drafts.save([rule], revision=0, by=bob))
    told = {"type": "rules.changed", "what": "draft", "revision": draft.revision, "by": by}
    assert await editor.hear("rules.changed", within=60) == told
    row = await in_thread(lambda: drafts.publish(revision=draft.revision, note="", by=bob))
    told = {"type": "rules.changed", "what": "published", "number": row.number, "by": by}
    assert await editor.hear("rules.changed", within=60) == told
    await in_thread(lambda: routing.create_rule(by=bob, **{**rule, "name": "All"}))
    assert (await editor.hear("rules.changed", within=60))["number"] == row.number + 1
    await in_thread(lambda: drafts.discard(by=bob))
    assert (await editor.hear("rules.changed", within=60))["revision"] == 0
    assert [frame for frame in await agent.everything() if frame["type"] == "rules.changed"] == []
