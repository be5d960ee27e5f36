"""Rows of a batch are written together, each with the id that it was given before."""

import pytest
from django.db import transaction

from helpdesk.lib import together
from helpdesk.people.models import Team


@pytest.mark.django_db(transaction=True)
def test_of_the_numbers_that_people_read_a_batch_leaves_hardly_any_unused() -> None:
    with transaction.atomic(), together.writing(many=25):
        teams = [Team(name=f"Team {number}", slug=f"team-{number}") for number in range(7)]
        for team in teams:
            together.insert_known(team, is_numbered=True)
        numbers = [team.pk for team in teams]
    assert list(Team.objects.order_by("pk").values_list("pk", "slug")) == [
        (number, f"team-{place}") for place, number in enumerate(numbers)
    ]
    assert numbers == list(range(numbers[0], numbers[0] + 7))
    after = Team.objects.create(name="After", slug="after")
    assert 0 < after.pk - numbers[-1] <= together.NUMBERS_AT_ONCE
