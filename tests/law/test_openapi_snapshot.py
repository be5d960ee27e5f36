"""docs/openapi.yaml is what the API says of itself; a change of it is seen in review. `make api` writes it anew."""

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.law import files


def test_the_committed_openapi_file_is_the_api_as_it_is(tmp_path: Path) -> None:
    """Described on SQLite, as `make api` does: the ranges of numbers differ between databases."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "helpdesk.settings", "GUICHET_VAR": str(tmp_path)}
    env |= {"DATABASE_URL": "", "REDIS_URL": ""}
    command = [sys.executable, "manage.py", "spectacular", "--validate", "--fail-on-warn"]
    done = subprocess.run(command, cwd=files.HOME, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (files.HOME / "docs" / "openapi.yaml").read_text() == done.stdout, "run `make api` and commit the result"


def test_the_frontend_has_the_same_description() -> None:
    """The frontend's tools read JSON."""
    described = yaml.safe_load((files.HOME / "docs" / "openapi.yaml").read_text())
    assert json.loads((files.HOME / "frontend" / "shared" / "api" / "schema.json").read_text()) == described
