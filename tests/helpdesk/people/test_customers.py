"""Who it is: a typed address claims, only a proof opens or joins."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from helpdesk.people import customers, tokens
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Identity, LoginToken


def test_addresses_and_numbers_are_normalised() -> None:
    assert customers.normalise_email(" <Léa@EX.example> ") == "léa@ex.example"
    assert [customers.normalise_email(bad) for bad in ("", "x", "@x.example", "a b@x.example", "a@x")] == [""] * 5
    assert customers.normalise_phone("01 99 00 12 34") == "+33199001234"
    assert customers.normalise_phone("+44 20 7946 0318") == "+442079460318"
    assert customers.normalise_phone("call me") == ""


def test_the_same_address_is_the_same_customer(db: None) -> None:
    first = customers.resolve(Who(name="Léa", email="lea@ex.example"))
    again = customers.resolve(Who(name="Someone else", email="LEA@ex.example"))
    assert again == first
    assert again.name == "Léa"


def test_a_visitor_who_typed_an_address_is_never_found_by_it(db: None) -> None:
    visitor = customers.create(Who(name="Mallory", email="dana@example.com"), is_visitor=True)
    assert customers.resolve(Who(email="dana@example.com")) != visitor


def test_a_claim_next_to_the_owner_stays_a_claim(dana: Customer) -> None:
    visitor = customers.create(Who(name="Mallory"), is_visitor=True)
    claimed = customers.claim(visitor, "email", "dana@example.com", is_proved=True)
    assert claimed.verified_at is None
    assert customers.trust(visitor) == "claimed"
    assert customers.resolve(Who(email="dana@example.com")) == dana


def test_a_visitor_who_proves_an_address_becomes_its_owner(dana: Customer) -> None:
    visitor = customers.create(Who(name="D."), is_visitor=True)
    proved = customers.prove(visitor, "dana@example.com", by=visitor.actor)
    visitor.refresh_from_db()
    assert proved == dana
    assert visitor.merged_into == dana


def test_a_magic_link_works_once_for_its_purpose_and_proves_the_address(eric: Customer) -> None:
    token = tokens.issue(tokens.LOGIN, eric, "eric@example.com")
    assert tokens.use(tokens.PROVE, token) is None
    assert tokens.peek(tokens.LOGIN, token) is not None
    assert tokens.use(tokens.LOGIN, token) == eric
    assert tokens.use(tokens.LOGIN, token) is None
    assert Identity.objects.get(customer=eric).verified_at is not None
    assert token not in LoginToken.objects.values_list("digest", flat=True)


def test_an_empty_or_expired_token_opens_nothing(eric: Customer, settings: object) -> None:
    settings.MAGIC_LINK_MINUTES = -1  # type: ignore[attr-defined]
    token = tokens.issue(tokens.LOGIN, eric, "eric@example.com")
    assert [tokens.use(tokens.LOGIN, bad) for bad in ("", "x", token)] == [None, None, None]


@pytest.mark.django_db(transaction=True)
def test_two_first_mails_at_once_make_one_customer() -> None:
    """Both look before either has written: the second must wait for the first and find what it made."""
    together = threading.Barrier(6)

    def write(_number: int) -> int:
        together.wait()
        try:
            return customers.resolve(Who(name="Noa", email="noa@ex.example", is_proved=True)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as threads:
        found = set(threads.map(write, range(6)))
    assert len(found) == 1
    assert (Customer.objects.count(), Identity.objects.filter(value="noa@ex.example").count()) == (1, 1)
