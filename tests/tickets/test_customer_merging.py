"""Two records of one person become one, and two again. What was only claimed opens nothing that it did not open before."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from helpdesk.events.models import Event
from helpdesk.lib import clock, errors
from helpdesk.people import customers, joining, tokens
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, CustomerMerge, Identity, Organization, User
from tests.conftest import Api
from tests.factories import answer, make_ticket, write
from tickets import customer_merging
from tickets.channels import email_out
from tickets.models import Message, Participant, Queue, Ticket
from tickets.portal import links

FIELDS = ("name", "organization_id", "locale", "timezone", "note", "fields", "merged_into_id", "is_visitor")


def records() -> list[dict[str, Any]]:
    return list(Customer.objects.order_by("pk").values("pk", *FIELDS))


def identities() -> list[tuple[Any, ...]]:
    rows = Identity.objects.order_by("pk")
    return list(rows.values_list("pk", "customer_id", "kind", "value", "verified_at", "is_apart", "created_at"))


def owners() -> list[tuple[Any, ...]]:
    return list(Ticket.objects.order_by("pk").values_list("pk", "requester_id", "version"))


@pytest.fixture
def work(db: None) -> Customer:
    """The record that Dana's mail from work, which nobody proved, and a call have made."""
    made = customers.create(
        Who(name="D. Dupont", email="dana@work.example", phone="+33199001234", external="crm:77", locale="fr")
    )
    made.note = "Calls back after five."
    made.fields = {"plan": "pro", "since": 2021}
    made.save()
    return made


# --- merge and undo --------------------------------------------------------------------------------------------------
def test_everything_is_theirs_and_is_proved_or_claimed_as_it_was(
    dana: Customer, work: Customer, billing: Queue, alice: User
) -> None:
    dana.note, dana.fields = "VIP", {"plan": "free"}
    dana.save()
    proved_at = dana.identities.get().verified_at
    ticket = make_ticket(work, queue=billing, reply_address="dana@work.example")
    customer_merging.merge(work, dana, by=alice)
    dana.refresh_from_db()
    assert (dana.name, dana.locale, dana.note, dana.fields) == (
        "Dana Dupont", "en", "VIP\n\nCalls back after five.", {"plan": "free", "since": 2021},
    )  # fmt: skip
    kept = dana.identities.order_by("kind", "value").values_list("kind", "value", "verified_at", "is_apart")
    assert list(kept) == [
        ("email", "dana@example.com", proved_at, False),
        ("email", "dana@work.example", None, True),
        ("external", "crm:77", None, False),
        ("phone", "+33199001234", None, False),
    ]
    ticket.refresh_from_db()
    work.refresh_from_db()
    assert (ticket.requester, ticket.messages.get().author_customer, work.merged_into) == (dana, work, dana)
    assert customers.trust(dana) == "verified"
    assert customers.resolve(Who(email="dana@work.example")) == dana
    assert list(Event.objects.of("customer", work.pk).values_list("name", flat=True)) == ["customer.merged"]
    assert list(Event.objects.of("customer", dana.pk).values_list("name", flat=True)) == ["customer.took_in"]


def test_undone_both_records_are_exactly_as_they_were(
    dana: Customer, work: Customer, eric: Customer, billing: Queue, alice: User
) -> None:
    mine, theirs = make_ticket(dana, queue=billing), make_ticket(work, queue=billing)
    both, one = make_ticket(eric, queue=billing), make_ticket(eric, queue=billing)
    for ticket, person in ((both, dana), (both, work), (one, work), (mine, work)):
        Participant.objects.create(ticket=ticket, customer=person, kind="cc")
    state = (records(), identities(), owners(), sorted(Participant.objects.values_list("ticket_id", "customer_id")))
    customer_merging.merge(work, dana, by=alice, take=["name", "note"])
    dana.refresh_from_db()
    assert (dana.name, dana.note, Participant.objects.get(ticket=one).customer) == (
        "D. Dupont", "Calls back after five.", dana,
    )  # fmt: skip
    assert customer_merging.undo(work, by=alice) == work
    assert (
        records(),
        identities(),
        owners(),
        sorted(Participant.objects.values_list("ticket_id", "customer_id")),
    ) == state
    assert theirs.requester == work
    assert customer_merging.merge(dana, work, by=alice).target == work


def test_the_proved_of_two_equal_addresses_stays_proved_and_comes_back(dana: Customer, alice: User) -> None:
    claims = customers.create(Who(name="D.", email="dana@example.com"))
    before = identities()
    customer_merging.merge(dana, claims, by=alice)
    (one,) = claims.identities.all()
    assert (one.verified_at is not None, one.is_apart) == (True, False)
    customer_merging.undo(dana, by=alice)
    assert identities() == before


def test_merging_twice_is_once(dana: Customer, work: Customer, alice: User) -> None:
    done = customer_merging.merge(work, dana, by=alice)
    assert customer_merging.merge(work, dana, by=alice) == done
    assert CustomerMerge.objects.count() == 1


@pytest.mark.parametrize("code", ["same", "merged_already", "target_merged", "erased", "visitor"])
def test_what_cannot_be_merged_is_refused_and_nothing_changes(
    code: str, dana: Customer, work: Customer, eric: Customer, alice: User
) -> None:
    source, target = work, work if code == "same" else dana
    if code == "merged_already":
        customer_merging.merge(work, eric, by=alice)
    elif code == "target_merged":
        customer_merging.merge(dana, eric, by=alice)
    elif code == "erased":
        Customer.objects.filter(pk=work.pk).update(erased_at=clock.now())
    elif code == "visitor":
        source = customers.create(Who(name="Mallory", email="dana@example.com"), is_visitor=True)
    source.refresh_from_db()
    target.refresh_from_db()
    state = (records(), identities(), Event.objects.count())
    assert customer_merging.preview(source, target).problem == code
    with pytest.raises(errors.Conflict) as refused:
        customer_merging.merge(source, target, by=alice)
    assert (refused.value.code, (records(), identities(), Event.objects.count())) == (code, state)


@pytest.mark.parametrize("news", ["words", "request", "address", "proof"])
def test_it_can_be_undone_only_while_nothing_new_came(
    news: str, dana: Customer, work: Customer, billing: Queue, alice: User
) -> None:
    ticket = make_ticket(work, queue=billing)
    customer_merging.merge(work, dana, by=alice)
    answer(ticket, alice, "We look into it.")
    done = joining.standing(work)
    assert done is not None
    assert customer_merging.why_not_undo(done) == ""
    if news == "words":
        write(Ticket.objects.get(pk=ticket.pk))
    elif news == "request":
        make_ticket(dana, queue=billing)
    elif news == "address":
        customers.claim(dana, "email", "dana@third.example")
    else:
        customers.prove(dana, "dana@work.example", by=dana.actor)
    state = (records(), identities(), owners())
    with pytest.raises(errors.Conflict) as refused:
        customer_merging.undo(work, by=alice)
    assert (refused.value.code, (records(), identities(), owners())) == ("something_new", state)


def test_chains_lead_to_the_last_in_one_step_and_are_undone_from_their_end(
    dana: Customer, work: Customer, eric: Customer, billing: Queue, alice: User
) -> None:
    ticket = make_ticket(work, queue=billing)
    state = (records(), identities(), owners())
    customer_merging.merge(work, eric, by=alice)
    customer_merging.merge(eric, dana, by=alice)
    assert set(Customer.objects.filter(pk__in=[work.pk, eric.pk]).values_list("merged_into", flat=True)) == {dana.pk}
    assert Ticket.objects.get(pk=ticket.pk).requester == dana
    with pytest.raises(errors.Conflict) as refused:
        customer_merging.undo(work, by=alice)
    assert refused.value.code == "merged_on"
    customer_merging.undo(eric, by=alice)
    customer_merging.undo(work, by=alice)
    assert (records(), identities(), owners()) == state


@pytest.mark.django_db(transaction=True)
def test_two_merges_that_cross_make_one(dana: Customer, work: Customer, alice: User) -> None:
    gate = threading.Barrier(4)

    def run(pair: tuple[Customer, Customer]) -> str:
        gate.wait()
        try:
            customer_merging.merge(*pair, by=alice)
        except errors.Conflict as conflict:
            return conflict.code
        finally:
            connection.close()
        return "ok"

    with ThreadPoolExecutor(4) as threads:
        outcome = sorted(threads.map(run, [(dana, work), (work, dana), (dana, work), (work, dana)]))
    assert outcome.count("ok") == 2
    assert CustomerMerge.objects.count() == 1
    assert Customer.objects.filter(merged_into__isnull=False).count() == 1


# --- what a claimed address opens --------------------------------------------------------------------------------------
def browser_of(customer: Customer, address: str) -> Client:
    """Whoever reads the mail of this address signs in by the link that it gets."""
    client = Client()
    identity = links._known(address)
    assert identity is not None
    owner = identity.customer.merged_into or identity.customer
    assert client.post(f"/en/my/login/{tokens.issue(tokens.LOGIN, owner, address)}/").status_code == 302
    return client


def reads(client: Client, *tickets: Ticket) -> list[int]:
    """What it is answered, request by request."""
    return [client.get(f"/en/my/{ticket.pk}/").status_code for ticket in tickets]


def test_who_later_proves_a_claimed_address_reads_what_was_written_from_it_and_no_more(
    dana: Customer, work: Customer, billing: Queue, alice: User
) -> None:
    """An agent believed that dana@work.example is Dana's. Its holder must not read Dana's requests by it."""
    hers = make_ticket(dana, queue=billing, subject="Dana's secret")
    his = make_ticket(work, queue=billing, reply_address="dana@work.example", subject="From work")
    customer_merging.merge(work, dana, by=alice)
    holder = browser_of(dana, "dana@work.example")
    assert reads(holder, hers, his) == [404, 200]
    assert "Dana's secret" not in holder.get("/en/my/").content.decode()
    assert holder.post(f"/en/my/{hers.pk}/reply/", {"body": "x"}).status_code in (403, 404)
    assert hers.messages.count() == 1
    # Once proved it is still apart, also in another browser and for mail that names no address
    assert reads(browser_of(dana, "dana@work.example"), hers, his) == [404, 200]
    assert customers.proved_email(dana) == "dana@example.com"
    assert reads(browser_of(dana, "dana@example.com"), hers, his) == [200, 200]


def test_who_is_let_in_by_a_claimed_address_learns_no_other_and_writes_under_no_other(
    dana: Customer, work: Customer, technical: Queue, alice: User
) -> None:
    customer_merging.merge(work, dana, by=alice)
    holder = browser_of(dana, "dana@work.example")
    page = holder.get("/en/contact/request/").content.decode()
    assert ("dana@work.example" in page, "dana@example.com" in page, "Dana Dupont" in page) == (True, False, False)
    for email, trust in (("dana@example.com", "unverified"), ("dana@work.example", "verified")):
        given = {"name": "M.", "email": email, "subject": "Hello", "body": "Me.", "origin_id": str(uuid.uuid4())}
        assert holder.post("/en/contact/request/", given).status_code == 302
        assert Message.objects.order_by("-pk")[0].trust == trust


def test_claimed_addresses_of_both_records_are_set_apart(
    work: Customer, eric: Customer, billing: Queue, alice: User
) -> None:
    """Nothing is proved on either side: each holder reads his own, whichever record stayed."""
    from_work = make_ticket(work, queue=billing, reply_address="dana@work.example")
    from_eric = make_ticket(eric, queue=billing, reply_address="eric@example.com")
    customer_merging.merge(work, eric, by=alice)
    assert reads(browser_of(eric, "dana@work.example"), from_work, from_eric) == [200, 404]
    assert reads(browser_of(eric, "eric@example.com"), from_work, from_eric) == [404, 200]


def test_whoever_was_signed_in_with_a_proof_goes_on_as_the_one_person_and_back(
    dana: Customer, eric: Customer, billing: Queue, alice: User
) -> None:
    hers, his = make_ticket(dana, queue=billing), make_ticket(eric, queue=billing)
    browser = browser_of(eric, "eric@example.com")
    assert reads(browser, hers, his) == [404, 200]
    customer_merging.merge(eric, dana, by=alice)
    assert reads(browser, hers, his) == [200, 200]
    customer_merging.undo(eric, by=alice)
    assert reads(browser, hers, his) == [404, 200]


def test_a_link_mailed_before_the_merge_opens_no_more_than_before(
    dana: Customer, work: Customer, billing: Queue, alice: User
) -> None:
    hers = make_ticket(dana, queue=billing)
    his = make_ticket(work, queue=billing, reply_address="dana@work.example")
    token = tokens.issue(tokens.LOGIN, work, "dana@work.example")
    customer_merging.merge(work, dana, by=alice)
    browser = Client()
    assert browser.post(f"/en/my/login/{token}/").status_code == 302
    assert reads(browser, hers, his) == [404, 200]


def test_a_website_that_vouches_for_a_claimed_address_opens_nothing_by_it(
    dana: Customer, work: Customer, alice: User
) -> None:
    customer_merging.merge(work, dana, by=alice)
    vouched = customers.resolve(Who(email="dana@work.example", is_proved=True, opens=True))
    assert vouched not in (dana, work)
    assert customers.resolve(Who(email="dana@example.com", is_proved=True, opens=True)) == dana


def test_a_visitor_who_proves_a_claimed_address_does_not_become_the_record(
    dana: Customer, work: Customer, alice: User
) -> None:
    customer_merging.merge(work, dana, by=alice)
    visitor = customers.create(Who(name="M."), is_visitor=True)
    assert customers.prove(visitor, "dana@work.example", by=visitor.actor) == visitor
    visitor.refresh_from_db()
    assert (visitor.merged_into, visitor.is_visitor) == (None, False)


def test_answers_leave_for_where_they_would_have_left(
    dana: Customer, work: Customer, billing: Queue, alice: User
) -> None:
    """Requests that name no address, such as calls, are not mailed to the other record's address from now on."""
    called = make_ticket(work, queue=billing, channel="phone")
    hers = make_ticket(dana, queue=billing, channel="phone")
    Ticket.objects.update(reply_address="")
    customer_merging.merge(dana, work, by=alice)
    assert [email_out.recipient(Ticket.objects.get(pk=one.pk)) for one in (called, hers)] == [
        "dana@work.example", "dana@example.com",
    ]  # fmt: skip


# --- who may be the same, and the API ----------------------------------------------------------------------------------
def test_likely_duplicates_are_proposed_with_their_reasons(dana: Customer, work: Customer) -> None:
    acme = Organization.objects.create(name="Acme")
    Customer.objects.filter(pk__in=[dana.pk, work.pk]).update(organization=acme)
    Customer.objects.filter(pk=work.pk).update(name="dana dupont")
    dana.refresh_from_db()
    customers.claim(dana, "phone", "+33199001234")
    twin = customers.create(Who(name="Someone", email="dana@example.com"))
    customers.create(Who(name="Visitor", email="dana@example.com"), is_visitor=True)
    customers.create(Who(name="Dana Dupont", email="other@example.com"))
    found = [(one.customer.pk, one.reasons) for one in joining.likenesses(dana)]
    assert found == [(work.pk, ["name", "phone"]), (twin.pk, ["address"])]


def test_the_desk_proposes_previews_merges_and_undoes(
    dana: Customer, work: Customer, billing: Queue, alice: User, api: Api
) -> None:
    make_ticket(work, queue=billing)
    customers.claim(dana, "phone", "+33199001234")
    desk = api(alice)
    (likely,) = desk.get(f"/api/v1/customers/{dana.pk}/duplicates/").json()
    assert (likely["customer"]["id"], likely["reasons"]) == (work.pk, ["phone"])
    base = f"/api/v1/customers/{work.pk}/merge"
    seen = desk.get(f"{base}/preview/?into={dana.pk}").json()
    assert (seen["problem"], seen["can_swap"], seen["tickets"], seen["differences"]) == (
        "", True, 1, ["name", "locale"],
    )  # fmt: skip
    done = desk.post(f"{base}/", {"into": dana.pk, "take": ["locale"]}, format="json")
    assert (done.status_code, done.json()["into"], done.json()["can_undo"]) == (200, dana.pk, True)
    assert desk.get(f"/api/v1/customers/{work.pk}/").json()["id"] == dana.pk
    assert desk.get(f"/api/v1/customers/{dana.pk}/parts/").json() == [done.json()]
    back = desk.post(f"{base}/undo/")
    assert (back.status_code, back.json()["id"], back.json()["emails"][0]["verified"]) == (200, work.pk, False)
    assert desk.post(f"{base}/undo/").json()["code"] == "not_merged"
    assert desk.get(f"/api/v1/customers/{dana.pk}/parts/").json() == []


def test_only_who_answers_customers_merges_them(
    dana: Customer, work: Customer, rita: User, alice: User, api: Api
) -> None:
    state = (records(), identities(), Event.objects.count())
    for user, status in ((rita, 403), (None, 401)):
        base = f"/api/v1/customers/{work.pk}/merge"
        assert api(user).get(f"{base}/preview/?into={dana.pk}").status_code == status
        assert api(user).post(f"{base}/", {"into": dana.pk}, format="json").status_code == status
        assert api(user).post(f"{base}/undo/").status_code == status
    assert api(None).get(f"/api/v1/customers/{dana.pk}/duplicates/").status_code == 401
    assert api(alice).post(f"/api/v1/customers/{work.pk}/merge/", {"into": 999_999}, format="json").status_code == 404
    assert (records(), identities(), Event.objects.count()) == state


def test_duplicates_and_previews_cost_the_same_for_a_heavy_customer(
    dana: Customer, work: Customer, billing: Queue, alice: User, api: Api,
    django_assert_num_queries: Callable[[int], Any],
) -> None:  # fmt: skip
    desk = api(alice)
    pages = {
        f"/api/v1/customers/{dana.pk}/duplicates/": 6,
        f"/api/v1/customers/{work.pk}/merge/preview/?into={dana.pk}": 7,
        f"/api/v1/customers/{dana.pk}/parts/": 5,
    }
    for _round in range(2):
        for page, queries in pages.items():
            desk.get(page)
            with django_assert_num_queries(queries):
                assert desk.get(page).status_code == 200
        for number in range(5):
            make_ticket(work, queue=billing)
            customers.claim(dana, "email", f"dana{number}@example.com")
    assert Message.objects.count() == 10
