"""docs/openapi.yaml is what the API says of itself; a change of it is seen in review. `make api` writes it anew."""

import json
from io import StringIO

import yaml
from django.core import management

from tests.law import files


def test_the_committed_openapi_file_is_the_api_as_it_is() -> None:
    out = StringIO()
    management.call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert (files.HOME / "docs" / "openapi.yaml").read_text() == out.getvalue(), "run `make api` and commit the result"


def test_the_frontend_has_the_same_description() -> None:
    """The frontend's tools read JSON."""
    described = yaml.safe_load((files.HOME / "docs" / "openapi.yaml").read_text())
    assert json.loads((files.HOME / "frontend" / "shared" / "api" / "schema.json").read_text()) == described
