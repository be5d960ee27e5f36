"""The level of sharing is set by leads, seen by staff, and every change of it is on record."""

import pytest

from helpdesk.events.models import Event
from helpdesk.people.models import Customer, Organization, User
from tests.conftest import Api


@pytest.fixture
def acme(dana: Customer) -> Organization:
    made = Organization.objects.create(name="Acme")
    Customer.objects.filter(pk=dana.pk).update(organization=made)
    return made


def changes() -> list[tuple[str, str, int, dict[str, str]]]:
    rows = Event.objects.filter(name__endswith=".sharing").order_by("pk")
    return [(row.name, row.actor_kind, row.subject_id, row.data) for row in rows]


def test_an_organisation_shares_nothing_until_somebody_says_so(acme: Organization, api: Api, bob: User) -> None:
    url = f"/api/v1/organizations/{acme.pk}/"
    assert api(bob).get(url).json() == {"id": acme.pk, "name": "Acme", "sharing": "own", "people": 1}
    for _ in range(2):
        assert api(bob).patch(url, {"sharing": "all"}).json()["sharing"] == "all"
    assert changes() == [("organization.sharing", "user", acme.pk, {"from": "own", "to": "all"})]


def test_one_person_may_have_another_level(acme: Organization, dana: Customer, api: Api, bob: User) -> None:
    url = f"/api/v1/customers/{dana.pk}/sharing/"
    shown = {"id": acme.pk, "name": "Acme", "sharing": "own", "people": 1}
    assert api(bob).get(url).json() == {"sharing": "", "level": "own", "organization": shown, "proved": True}
    assert api(bob).patch(url, {"sharing": "all"}).json()["level"] == "all"
    assert api(bob).patch(url, {"sharing": ""}, format="json").json()["level"] == "own"
    assert changes() == [
        ("customer.sharing", "user", dana.pk, {"from": "", "to": "all"}),
        ("customer.sharing", "user", dana.pk, {"from": "all", "to": ""}),
    ]


def test_without_an_organisation_one_reads_where_one_was_named(eric: Customer, api: Api, bob: User) -> None:
    told = api(bob).get(f"/api/v1/customers/{eric.pk}/sharing/").json()
    assert told == {"sharing": "", "level": "named", "organization": None, "proved": False}


@pytest.mark.parametrize("given", [{}, {"sharing": "everything"}, {"sharing": None}, {"sharing": ["all"]}])
def test_nonsense_changes_nothing(
    acme: Organization, dana: Customer, api: Api, bob: User, given: dict[str, object]
) -> None:
    for url in (f"/api/v1/organizations/{acme.pk}/", f"/api/v1/customers/{dana.pk}/sharing/"):
        assert api(bob).patch(url, given, format="json").status_code == 400
    acme.refresh_from_db()
    assert (acme.sharing, Customer.objects.get(pk=dana.pk).sharing, changes()) == ("own", "", [])


def test_only_leads_set_it_and_only_staff_see_it(
    acme: Organization, dana: Customer, api: Api, alice: User, rita: User
) -> None:
    for url in (f"/api/v1/organizations/{acme.pk}/", f"/api/v1/customers/{dana.pk}/sharing/"):
        for user, seen in ((alice, 200), (rita, 200), (None, 401)):
            assert api(user).get(url).status_code == seen
            assert api(user).patch(url, {"sharing": "all"}).status_code == (403 if user else 401)
    acme.refresh_from_db()
    assert (acme.sharing, Customer.objects.get(pk=dana.pk).sharing, changes()) == ("own", "", [])


def test_who_does_not_exist_is_not_found(db: None, api: Api, bob: User) -> None:
    for url in ("/api/v1/organizations/9/", "/api/v1/customers/9/sharing/"):
        assert api(bob).get(url).status_code == 404
        assert api(bob).patch(url, {"sharing": "all"}).status_code == 404


def test_name_and_people_are_not_written_here(acme: Organization, api: Api, bob: User) -> None:
    given = {"sharing": "named", "name": "Evil", "people": 9, "domains": ["evil.example"], "id": 99}
    told = api(bob).patch(f"/api/v1/organizations/{acme.pk}/", given, format="json").json()
    assert told == {"id": acme.pk, "name": "Acme", "sharing": "named", "people": 1}
    acme.refresh_from_db()
    assert (acme.name, acme.domains) == ("Acme", [])
