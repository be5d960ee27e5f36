"""A telephone system, agents with extensions, and somebody who calls."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rest_framework.test import APIClient

from helpdesk.lib.actor import SYSTEM
from helpdesk.people import customers
from helpdesk.people.models import Customer, User
from tickets.channels import phone_systems
from tickets.models import Call, PhoneSystem

NINE = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
NUMBER = "+33612345678"


class Telephone:
    """A telephone system that tells of its calls as the product's own documentation says."""

    def __init__(self) -> None:
        self.system, self.token = phone_systems.create({"name": "PBX", "region": "FR"}, by=SYSTEM)
        self.client = APIClient()

    def tell(self, event: str, key: str = "c1", **more: Any) -> Any:
        body = {"event": event, "callId": key, **more}
        return self.client.post("/api/v1/calls/", body, headers={"authorization": f"Bearer {self.token}"})

    def rings(self, key: str = "c1", *, at: str = "101", by: str = NUMBER, **more: Any) -> Any:
        return self.tell("newCall", key, **{"direction": "in", "from": by, "to": at, **more})


@pytest.fixture
def telephone(db: None) -> Telephone:
    return Telephone()


@pytest.fixture
def system(telephone: Telephone) -> PhoneSystem:
    return telephone.system


@pytest.fixture
def desks(alice: User, charlie: User) -> None:
    """Alice has the extension 101, Charlie 102."""
    for user, extension in ((alice, "101"), (charlie, "102")):
        user.extension = extension
        user.save(update_fields=["extension"])


def claims(customer: Customer, number: str = NUMBER) -> None:
    customers.claim(customer, "phone", number)


def proves(customer: Customer, number: str = NUMBER) -> None:
    identity = customers.claim(customer, "phone", number)
    identity.verified_at = NINE
    identity.save(update_fields=["verified_at"])


def after(seconds: int) -> str:
    return (NINE + timedelta(seconds=seconds)).isoformat()


def only() -> Call:
    return Call.objects.get()
