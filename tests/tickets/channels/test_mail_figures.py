"""How well mail is read, as shares over collections with a known truth; speed is the benchmark's."""

import pytest

from tests.mail import machines, measure
from tests.mail.measure import Share
from tickets.channels import email_parse


def assert_at_least(share: Share, goal: float) -> None:
    assert share.value >= goal, f"{share.name}: {share.value:.2%} of {share.of}, not {share.misses[:20]}"


def test_what_the_customer_typed_is_not_folded_away_and_quotes_and_signatures_are() -> None:
    kept, clean = measure.newest_text(5)
    assert {key: share.of for key, share in kept.items()} == {"all": 345, "en": 115, "fr": 115, "de": 115}
    for key in kept:
        assert_at_least(kept[key], 0.98)
    for key, goal in (("all", 0.85), ("en", 0.85), ("fr", 0.90), ("de", 0.90)):
        assert_at_least(clean[key], goal)


def test_machines_are_told_from_people_and_from_each_other() -> None:
    known, kind, people, facts = measure.machine_mail()
    assert_at_least(known, 0.98)
    assert_at_least(kind, 0.97)
    assert people.misses == []
    assert facts.misses == []


def test_texts_and_file_names_are_read_in_the_charsets_of_the_world() -> None:
    words, names = measure.decoding()
    assert_at_least(words, 0.997)
    assert_at_least(names, 0.95)


def test_two_thousand_damaged_mails_cost_little_and_none_fails() -> None:
    found = measure.hardship(measure.damaged(2_000))
    assert (found.mails, found.failures) == (2_000, [])
    assert found.worst_seconds < 2


@pytest.mark.parametrize("name", ["bounce", "complaint", "auto-reply", "list", "report", ""])
def test_every_kind_of_machine_is_in_the_collection(name: str) -> None:
    assert [case for case in machines.cases() if case.kind == name]


def test_a_list_that_posts_under_our_own_address_is_no_list() -> None:
    raw = (
        b"From: dana@people.example\nTo: support@acme.example\nSubject: x\nList-ID: <support.acme.example>\n"
        b"List-Post: <mailto:support@acme.example>\nPrecedence: list\n\nMy lamp is broken."
    )
    assert email_parse.parse(raw).machine == "list"
    assert email_parse.parse(raw, own={"Support@acme.example"}).machine is None
