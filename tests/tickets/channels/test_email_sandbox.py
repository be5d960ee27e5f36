"""Mail is read in a child that dies alone: of too much time, of too much memory, or of anything else."""

import os
import signal
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.mail.hostile import pool
from tickets.channels import email_parse, email_sandbox

HONEST = b"From: Dana <dana@people.example>\nSubject: Lamp\n\nMy lamp is broken."
SLOW = b"From: Dana <dana@people.example>\nSubject: Slow\n\nwords\n" + b"Le 3 nov. 2026 a b c :\n" * 100_000


@pytest.fixture(autouse=True)
def _own_children() -> Iterator[None]:
    email_sandbox.close()
    yield
    email_sandbox.close()


def children() -> list[int]:
    return [child.process.pid for child in email_sandbox._idle]


def test_the_child_reads_what_this_process_reads() -> None:
    for raw in pool()[::4]:
        assert email_sandbox.parse(raw) == email_parse.parse(raw)


def test_one_child_is_kept_for_one_mail_after_the_other() -> None:
    email_sandbox.parse(HONEST)
    (first,) = children()
    email_sandbox.parse(HONEST)
    assert children() == [first]


def test_a_mail_that_takes_too_long_is_poisoned_and_the_next_one_is_read() -> None:
    mail = email_sandbox.parse(SLOW, cpu_seconds=0.05)
    assert (mail.poison, mail.problems[-1]) == ("time", "poison_time")
    assert (mail.from_address, mail.subject) == ("dana@people.example", "Slow")
    assert "Le 3 nov. 2026 a b c" in mail.text
    assert email_sandbox.parse(HONEST).newest_text == "My lamp is broken."


def test_a_mail_that_takes_too_much_memory_is_poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_sandbox, "MEMORY_BYTES", 200 * 1024 * 1024)
    mail = email_sandbox.parse(b"From: dana@people.example\n\n" + b"x" * 60_000_000)
    assert mail.poison == "memory"
    assert mail.from_address == "dana@people.example"
    assert email_sandbox.parse(HONEST).poison == ""


def test_a_child_that_was_killed_between_mails_is_replaced() -> None:
    email_sandbox.parse(HONEST)
    (child,) = email_sandbox._idle
    os.kill(child.process.pid, signal.SIGKILL)
    child.process.wait()
    assert email_sandbox.parse(HONEST).newest_text == "My lamp is broken."


def test_threads_have_children_of_their_own() -> None:
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.extend(email_sandbox.parse(HONEST).newest_text for _ in range(20)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["My lamp is broken."] * 60
    assert 1 <= len(children()) <= 3


def test_without_a_process_to_be_had_the_mail_is_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    assert email_sandbox.parse(HONEST).newest_text == "My lamp is broken."
    assert children() == []


def test_only_the_envelope_of_a_mail_that_is_too_big() -> None:
    mail = email_sandbox.parse(HONEST + b"x" * 50_000_000, envelope_only=True)
    assert (mail.from_address, mail.subject, mail.text, mail.poison) == ("dana@people.example", "Lamp", "", "")


def test_the_child_knows_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "known-to-nobody")
    email_sandbox.parse(HONEST)
    (pid,) = children()
    with open(f"/proc/{pid}/environ", "rb") as environment:  # noqa: PTH123 - not a file that pathlib can stat
        assert b"known-to-nobody" not in environment.read()
