"""The way of a file by the API, as for customers."""

from tests.helpdesk.people.imports.conftest import _own_files, act, send, take_in

__all__ = ["_own_files", "act", "send", "take_in"]
