"""`python -m tests.bench [names]`: runs each benchmark on a PostgreSQL and Redis of its own.

Numbers behind a name are handed on: `python -m tests.bench faults 60 10 20`.
"""

import itertools
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests import servers
from tests.bench import figures

BENCHES = ("mail", "mail_reading", "mail_threads", "rules", "queue_page", "chat", "suggest", "articles", "spam")
# Only when asked for by name
LONG = ("backlog", "faults", "widget")
ROW = "| {:<48} | {:>12} | {:>34} | {:>7} | {:<16} |"


def run(name: str, *numbers: str) -> Iterator[figures.Figure]:
    """A fresh process and fresh servers each: no benchmark warms another's caches. Figures come as they are known."""
    with servers.postgres() as database, servers.redis() as redis, tempfile.TemporaryDirectory() as var:
        env = os.environ | {
            "DJANGO_SETTINGS_MODULE": "helpdesk.settings",
            "DATABASE_URL": database,
            "REDIS_URL": redis,
            "GUICHET_TEST_SHAPE": "production",
            "GUICHET_TEST_POSTGRES": database,
            "GUICHET_TEST_REDIS": redis,
            "GUICHET_VAR": var,
            "SECRET_KEY": "only-for-benchmarks-" + "2" * 50,
        }
        home = Path(__file__).resolve().parents[2]
        command = [sys.executable, "-m", f"tests.bench.{name}", *numbers]
        with subprocess.Popen(command, env=env, cwd=home, stdout=subprocess.PIPE, text=True) as bench:
            for line in bench.stdout or ():
                yield from figures.read(line)
    if bench.returncode:
        sys.exit(f"bench: {name} failed")


def main(arguments: list[str]) -> None:
    names = [word for word in arguments if not word.isdigit()]
    unknown = set(names) - {*BENCHES, *LONG}
    if unknown:
        sys.exit(f"bench: unknown {', '.join(sorted(unknown))}; there are {', '.join((*BENCHES, *LONG))}")
    print(ROW.format("figure", "value", "anchor in the same run", "ratio", "goal"))
    print(ROW.format("---", "--:", "--:", "--:", "---"))
    for name in names or BENCHES:
        at = arguments.index(name) + 1 if name in arguments else 0
        for one in run(name, *itertools.takewhile(str.isdigit, arguments[at:] if at else [])):
            value, anchor = f"{one.value:,.1f} {one.unit}", f"{one.anchor_name}: {one.anchor:,.1f}"
            goal = f"{one.goal}{'' if one.is_met else '  MISSED'}"
            print(ROW.format(one.name, value, anchor, f"{one.ratio:.2f}", goal), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
