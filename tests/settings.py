"""The product's own settings for one test process, on the shape that GUICHET_TEST_SHAPE names.

`embedded` (the default) is SQLite in one process. `production` starts a private PostgreSQL and Redis once; the xdist
workers find their addresses in the environment and take a database, a Redis database and a prefix each.
"""

import atexit
import contextlib
import os
import shutil
import tempfile

from tests import servers

SHAPE = os.environ.get("GUICHET_TEST_SHAPE", "embedded")
_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_var = tempfile.mkdtemp(prefix="guichet-var-")
atexit.register(shutil.rmtree, _var, ignore_errors=True)

if SHAPE not in ("embedded", "production"):
    raise SystemExit(f"GUICHET_TEST_SHAPE is {SHAPE!r}: it must be embedded or production.")
if SHAPE == "production" and not _worker:
    _servers = contextlib.ExitStack()
    atexit.register(_servers.close)
    os.environ["GUICHET_TEST_POSTGRES"] = _servers.enter_context(servers.postgres())
    os.environ["GUICHET_TEST_REDIS"] = _servers.enter_context(servers.redis())

# Nothing of the operator's own environment may steer a test, least of all where the data lies.
for _name in (
    "PUBLIC_URL",
    "SMTP_HOST",
    "MAIL_FROM",
    "OIDC_SERVER",
    "LANGUAGE",
    "TIME_ZONE",
    "PORT",
    "TRUSTED_PROXIES",
):
    os.environ.pop(_name, None)
_number = int(_worker.removeprefix("gw") or -1) + 1
os.environ |= {
    "GUICHET_VAR": _var,
    "SECRET_KEY": "only-for-tests-" + "0" * 50,
    "DEBUG": "false",
    "DATABASE_URL": os.environ["GUICHET_TEST_POSTGRES"] if SHAPE == "production" else "",
    "REDIS_URL": f"{os.environ['GUICHET_TEST_REDIS'].removesuffix('/0')}/{_number}" if SHAPE == "production" else "",
    "REDIS_PREFIX": f"test-{_worker}",
    # What an agent sends leaves at once, unless a test is about taking it back
    "UNSEND_SECONDS": "0",
    # Who closes a line has left at once, unless a test is about coming back
    "LEAVING_SECONDS": "0",
}

from helpdesk.settings import *  # noqa: E402, F403
from helpdesk.settings import DATABASES  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 is slow on purpose
if SHAPE == "embedded":
    # A file, not memory: tests that race two threads need two connections.
    DATABASES["default"]["TEST"] = {"NAME": f"{_var}/test.sqlite3"}
