"""Logs hold no tokens."""

from helpdesk.lib import logs


def test_long_opaque_parts_of_an_address_are_left_out() -> None:
    event = {"request": "POST /fr/my/login/abcDEF0123456789abcDEF0123456789_-xyz0123456/", "event": "request_finished"}
    assert logs.hide_tokens(None, "info", event) == {
        "request": "POST /fr/my/login/…/",
        "event": "request_finished",
    }
    plain = {"request": "GET /en/help/change-or-cancel-an-order-13/"}
    assert logs.hide_tokens(None, "info", dict(plain)) == plain
