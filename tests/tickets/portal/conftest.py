"""Browsers of customers: Django's test client, with files in a folder of the test's own."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from helpdesk.people import tokens
from helpdesk.people.models import Customer

SignIn = Callable[[Customer], Client]


@pytest.fixture(autouse=True)
def _own_files(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def sign_in() -> SignIn:
    """A browser in which the customer has used a magic link."""

    def signed_in(customer: Customer) -> Client:
        client = Client()
        address = customer.identities.get(kind="email").value
        response = client.post(f"/en/my/login/{tokens.issue(tokens.LOGIN, customer, address)}/")
        assert (response.status_code, response["Location"]) == (302, "/en/my/")
        return client

    return signed_in


def hidden(html: str, name: str) -> str:
    """The value of a hidden or other field of a page."""
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', html)
    assert found is not None, f"no field {name}"
    return found.group(1)
