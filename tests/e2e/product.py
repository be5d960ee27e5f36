"""The real product as an operator runs it, in processes of its own: one on SQLite, or nginx, two web processes and a worker.

The demo company is made once; every site is a copy of it with its own address, database and var/.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from tests import servers

HOME = Path(__file__).resolve().parents[2]
EXAMPLES = HOME / "docs" / "examples"


@dataclass
class Site:
    """A running Guichet: where it is, who lives in it, and ways to hurt it."""

    url: str
    var: Path
    env: dict[str, str]
    demo: dict[str, Any]
    commands: list[list[str]]
    # Each web process by itself, past the proxy
    webs: list[str] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def outbox(self) -> Path:
        """One .eml for each message that left."""
        return self.var / "outbox"

    @property
    def log(self) -> Path:
        return self.var / "site.log"

    def manage(self, *arguments: str, text: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """A management command against this site's data, beside the running processes."""
        return _manage(self.env, *arguments, text=text)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.processes = [
                subprocess.Popen(command, cwd=HOME, env=self.env, stdout=log, stderr=log, start_new_session=True)
                for command in self.commands
            ]
        self._wait_until_ready()

    def kill(self) -> None:
        """As if the power went: nobody gets a chance to finish anything."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        for process in self.processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, how)
        for process in self.processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes = []

    def _wait_until_ready(self, seconds: float = 180) -> None:
        deadline, answer = time.monotonic() + seconds, "no answer"
        while time.monotonic() < deadline:
            if any(process.poll() is not None for process in self.processes):
                answer = "a process ended"
                break
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as response:
                    if response.status == 200:
                        return
            except urllib.error.HTTPError as error:
                answer = error.read().decode(errors="replace")
            except OSError as error:
                answer = str(error)
            time.sleep(0.2)
        self.kill()
        raise servers.ServerError(f"{self.url} is not ready: {answer}\n{self.log.read_text(errors='replace')[-6000:]}")


@dataclass(frozen=True)
class Mould:
    """The demo company, filled once, from which sites are cast."""

    var: Path
    demo: dict[str, Any]
    database: str = ""
    redis: str = ""

    @contextlib.contextmanager
    def cast(self, var: Path, **extra: str) -> Iterator[Site]:
        """A site of its own, started; stopped and thrown away at the end."""
        shutil.copytree(self.var, var, dirs_exist_ok=True)
        with contextlib.ExitStack() as stack:
            site = self._production(var, stack, extra) if self.database else self._embedded(var, extra)
            stack.callback(site.stop)
            site.start()
            yield site

    def _embedded(self, var: Path, extra: dict[str, str]) -> Site:
        port = servers.free_port()
        url = f"http://127.0.0.1:{port}"
        env = environment(var, PORT=str(port), PUBLIC_URL=url) | extra
        return Site(url, var, env, self.demo, [[sys.executable, "manage.py", "serve", "--port", str(port)]], [url])

    def _production(self, var: Path, stack: contextlib.ExitStack, extra: dict[str, str]) -> Site:
        front, *backs = (servers.free_port() for _ in range(3))
        url = f"http://127.0.0.1:{front}"
        database = _copy_database(self.database)
        stack.callback(_drop_database, database)
        env = environment(
            var,
            DATABASE_URL=database,
            REDIS_URL=self.redis,
            REDIS_PREFIX=f"site-{front}",
            PUBLIC_URL=url,
            TRUSTED_PROXIES="1",
        )
        web = [
            [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "helpdesk.asgi:application"]
            for port in backs
        ]
        webs = [f"http://127.0.0.1:{port}" for port in backs]
        worker = [sys.executable, "manage.py", "worker"]
        return Site(url, var, env | extra, self.demo, [*web, worker, _nginx(var, front, backs)], webs)


def mould(var: Path) -> Mould:
    """Migrate and fill the demo company on the shape this test run asked for."""
    database = redis = ""
    if os.environ.get("GUICHET_TEST_SHAPE") == "production":
        database, redis = _create_database(), os.environ["GUICHET_TEST_REDIS"]
    env = environment(var, DATABASE_URL=database, REDIS_URL=redis, REDIS_PREFIX="mould")
    var.mkdir(parents=True, exist_ok=True)
    _checked(_manage(env, "migrate", "--verbosity", "0"))
    demo = json.loads(_checked(_manage(env, "demo", "--json")).splitlines()[-1])
    return Mould(var, demo, database, redis)


def environment(var: Path, **settings: str) -> dict[str, str]:
    """Only what an operator would set; nothing of the machine's or the test run's own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    secret = "only-for-tests-" + "1" * 50
    # A reply leaves at once, unless a test is about taking it back
    fixed = {"LANG": "C.UTF-8", "GUICHET_VAR": str(var), "SECRET_KEY": secret, "UNSEND_SECONDS": "0"}
    return kept | fixed | settings


def _manage(env: dict[str, str], *arguments: str, text: str | bytes = b"") -> subprocess.CompletedProcess[bytes]:
    given = text.encode() if isinstance(text, str) else text
    return subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=HOME, env=env, input=given, capture_output=True, timeout=900
    )


def _checked(done: subprocess.CompletedProcess[bytes]) -> str:
    if done.returncode:
        raise servers.ServerError(f"{done.args} failed:\n{done.stdout.decode()}{done.stderr.decode()[-6000:]}")
    return done.stdout.decode()


def _create_database(template: str = "template0") -> str:
    server, name = os.environ["GUICHET_TEST_POSTGRES"], f"site_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return server.rsplit("/", 1)[0] + f"/{name}"


def _copy_database(address: str) -> str:
    return _create_database(template=address.rsplit("/", 1)[1])


def _drop_database(address: str) -> None:
    with psycopg.connect(os.environ["GUICHET_TEST_POSTGRES"], autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{address.rsplit("/", 1)[1]}" WITH (FORCE)'.encode())


def _nginx(var: Path, front: int, backs: list[int]) -> list[str]:
    """The documented example, with this site's addresses in place of the example's names and certificates."""
    home = var / "nginx"
    home.mkdir()
    shutil.copy(EXAMPLES / "guichet_proxy.conf", home)
    upstream = "".join(f"server 127.0.0.1:{port};" for port in backs)
    config = (EXAMPLES / "nginx.conf").read_text()
    for found, instead in {
        r"(?:\s+server 127\.0\.0\.1:\d+;)+": f"\n{upstream}",
        r"listen 443 ssl;": f"listen 127.0.0.1:{front};",
        r"\s+ssl_certificate\S*\s[^;]+;": "",
        r"server_name [^;]+;": "server_name 127.0.0.1;",
    }.items():
        config, count = re.subn(found, instead, config)
        if not count:
            raise AssertionError(f"docs/examples/nginx.conf no longer has {found}")
    (home / "nginx.conf").write_text(
        _NGINX.format(home=home, user="user root;" if servers.IS_ROOT else "", config=config)
    )
    return [servers.program("nginx", "nginx"), "-p", str(home), "-c", str(home / "nginx.conf")]


_NGINX = """
{user}
daemon off;
worker_processes 1;
pid {home}/pid;
error_log {home}/error.log;
events {{}}
http {{
    access_log {home}/access.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    {config}
}}
"""
