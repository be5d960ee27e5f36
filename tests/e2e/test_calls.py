"""The telephone rings: the caller's file comes up at the one who is rung, by keyboard it becomes a ticket with its call."""

import re
import uuid
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e import talk
from tests.e2e.conftest import OpenPage
from tests.e2e.people import Agent
from tests.e2e.product import Site

NUMBER = "+33199007070"


def test_a_call_comes_up_becomes_a_ticket_and_its_line_follows(
    site: Site, open_page: OpenPage, axe: Callable[[Page], None]
) -> None:
    alice, charlie = (Agent(open_page(), site, name) for name in ("alice", "charlie"))
    page, key = alice.page, uuid.uuid4().hex
    extension = alice.get(f"team/{alice.get('me/')['id']}/")["extension"]

    def tell(event: str) -> None:
        said = {"event": event, "callId": key, "direction": "in", "from": NUMBER, "to": extension}
        answer = talk.call("POST", f"{site.url}/api/v1/calls/", said, token=site.demo["telephone"]["token"])
        assert answer.status == 201, answer

    alice.sign_in()
    tell("newCall")
    card = page.get_by_role("region", name=alice.words("phone.cards"))
    expect(card).to_contain_text("+33 1 99 00 70 70", timeout=20_000)
    expect(card).to_contain_text(alice.words("phone.unknown"))
    axe(page)
    assert charlie.get("calls/now/")["results"] == []

    tell("answer")
    expect(card).to_contain_text(alice.words("phone.state.in.answered"))
    page.keyboard.press("p")
    expect(card.get_by_role("button", name=alice.words("phone.newTicket"), exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name=alice.words("newTicket.phone"))).to_have_value(NUMBER)
    subject = f"Telephone {key[:6]}"
    dialog.get_by_label(alice.words("newTicket.subject")).fill(subject)
    dialog.get_by_label(alice.words("newTicket.body")).fill("She asks where her parcel is.")
    dialog.get_by_label(alice.words("ticket.queue")).select_option("orders")
    dialog.get_by_role("button", name=alice.words("newTicket.save")).click()
    expect(alice.thread).to_contain_text("+33 1 99 00 70 70")
    tell("hangup")
    expect(alice.thread).to_contain_text(re.compile(rf"{re.escape(alice.full_name)} · \d+ (s|min)"), timeout=20_000)
    assert alice.get("calls/?scope=mine")["results"][0]["ticket"]["subject"] == subject

    alice.go("calls?scope=mine")
    expect(page.get_by_role("listitem").filter(has_text="+33 1 99 00 70 70")).to_be_visible()
    axe(page)
