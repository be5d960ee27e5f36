"""The cast of the chat's tests, seen from the other side: each of these tests is an attempt."""

from tests.chat.conftest import desk, lines, shop, visitor, widget

__all__ = ["desk", "lines", "shop", "visitor", "widget"]
