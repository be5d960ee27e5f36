"""Organisations from a file."""

import pytest

from helpdesk.people.models import Organization
from tests.helpdesk.people.imports.conftest import Send, counts

pytestmark = pytest.mark.django_db
TEXT = "id;Raison sociale;Domaines\no1;Acme SARL;https://www.Acme.fr/contact, acme.com\no2;Éclair;\n"


def rows() -> list[tuple[str | None, str, list[str]]]:
    return list(Organization.objects.order_by("pk").values_list("external_id", "name", "domains"))


def test_organisations_are_taken_in_and_the_same_file_changes_nothing(take_in: Send) -> None:
    assert counts(take_in(TEXT, kind="organizations")) == (2, 0, 0, 0)
    expected = [("o1", "Acme SARL", ["acme.fr", "acme.com"]), ("o2", "Éclair", [])]
    assert rows() == expected
    assert counts(take_in(TEXT, kind="organizations")) == (0, 0, 2, 0)
    assert rows() == expected


def test_the_id_finds_one_that_has_another_name_and_undo_gives_the_old_one_back(take_in: Send, act: Send) -> None:
    take_in(TEXT, kind="organizations")
    done = take_in("id;name;domains\no1;Acme SAS;acme.eu\n", kind="organizations")
    assert counts(done) == (0, 1, 0, 0)
    assert rows()[0] == ("o1", "Acme SAS", ["acme.fr", "acme.com", "acme.eu"])
    act(done, "undo")
    assert rows()[0] == ("o1", "Acme SARL", ["acme.fr", "acme.com"])


def test_one_that_is_known_by_name_gets_its_id(take_in: Send) -> None:
    Organization.objects.create(name="acme sarl")
    assert counts(take_in(TEXT, kind="organizations")) == (1, 1, 0, 0)
    assert rows()[0] == ("o1", "Acme SARL", ["acme.fr", "acme.com"])


def test_wrong_rows_are_told(send: Send, act: Send) -> None:
    Organization.objects.create(name="Taken", external_id="t")
    one = send("id,name,domain\na,,\nb,Taken,\nc,C,not a domain\nd,D,\nd,D,\n", kind="organizations")
    checked = act(one, "check", mapping=one["mapping"])
    assert counts(checked) == (1, 0, 0, 4)
