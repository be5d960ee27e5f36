"""Private servers for one test run: each on a free port, in a folder of its own, stopped at the end whatever happens.

`python -m tests.servers COMMAND…` runs any command with DATABASE_URL and REDIS_URL pointing at fresh ones.
"""

import contextlib
import ctypes
import glob
import grp
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.certificates import Pair

IS_ROOT = os.geteuid() == 0
_libc = ctypes.CDLL(None)


class ServerError(RuntimeError):
    """A server is not installed, or did not start: never a reason to skip a test."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A server process in a folder of its own, which can be ended, begun again and frozen."""

    def __init__(
        self,
        command: list[str],
        home: Path,
        owner: str | None,
        ready: Callable[[], bool],
        stop: int = signal.SIGTERM,
        *,
        name: str = "server",
        **more: Any,
    ) -> None:
        self._command, self._ready, self._stop = command, ready, stop
        self.log = home / f"{name}.log"
        self._how: Any = {
            "cwd": home,
            "user": owner,
            "stdin": subprocess.DEVNULL,
            "preexec_fn": _die_with_parent,
        } | more
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = 30) -> None:
        with self.log.open("ab") as out:
            process: subprocess.Popen[bytes] = subprocess.Popen(self._command, stdout=out, stderr=out, **self._how)
        self._process = process
        deadline = time.monotonic() + seconds
        while not self._ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise ServerError(f"{self._command[0]} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.05)

    def end(self, how: int | None = None) -> None:
        process = self._process
        if process is None:
            return
        self.thaw()
        self._process = None
        process.send_signal(how or self._stop)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def freeze(self) -> None:
        """It stands still with all its children: connections stay open, nothing answers."""
        self._tell(signal.SIGSTOP)

    def thaw(self) -> None:
        self._tell(signal.SIGCONT)

    def _tell(self, number: int) -> None:
        if self._process is None:
            return
        for pid in (self._process.pid, *_children(self._process.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(parent: int) -> list[int]:
    found = []
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            before, _bracket, behind = Path(path).read_text().rpartition(")")
            if int(behind.split()[1]) == parent:
                found.append(int(before.split(" ", 1)[0]))
    return found


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL without durability; yields the address of an empty database whose user may create others."""
    with database_server(synchronous_commit="off") as (address, _server):
        yield address


@contextlib.contextmanager
def database_server(**flags: str) -> Iterator[tuple[str, Server]]:
    """The same as something that can be hurt. What it committed outlives its own death, though not the machine's."""
    initdb, program_ = program("postgresql", "initdb"), program("postgresql", "postgres")
    owner = pwd.getpwnam("postgres").pw_name if IS_ROOT else None
    port = free_port()
    with folder(owner) as home:
        data = str(home / "data")
        made = subprocess.run(
            [initdb, "-D", data, "-U", "guichet", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
            user=owner,
            cwd=home,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise ServerError(f"initdb failed:\n{made.stdout}{made.stderr}")
        fixed = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": home,
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
            "shared_buffers": "128MB",
        }
        settings = [part for name, value in (fixed | flags).items() for part in ("-c", f"{name}={value}")]
        address = f"postgres://guichet@127.0.0.1:{port}/postgres"
        command = [program_, "-D", data, *settings]
        with running(command, home, owner, lambda: _postgres_answers(address), signal.SIGINT) as server:
            yield address, server


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A Redis that keeps nothing."""
    with cache_server() as (address, _server):
        yield address


@contextlib.contextmanager
def cache_server() -> Iterator[tuple[str, Server]]:
    port = free_port()
    with folder() as home:
        command = [program("redis-server", "redis-server"), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(home)]
        with running(command, home, None, lambda: says(port, b"PING\r\n", b"+PONG")) as server:
            yield f"redis://127.0.0.1:{port}/0", server


@dataclass(frozen=True)
class Imap:
    host: str
    port: int
    user: str
    password: str
    # Where it speaks TLS from the first byte, when it was given a certificate; `port` then offers STARTTLS
    tls_port: int = 0


@contextlib.contextmanager
def dovecot(
    user: str = "support",
    password: str = "imap-secret",
    *,
    tls: Pair | None = None,
    lacks: str = "",
    mail: Path | None = None,
    others: Sequence[str] = (),
) -> Iterator[Imap]:
    """An IMAP server with one empty account, with `tls` encrypted; `lacks` takes capabilities away (`IDLE MOVE`).

    `mail`: a folder of maildirs that somebody else fills; `others`: more accounts of the same password.
    """
    port, me = free_port(), pwd.getpwuid(os.geteuid()).pw_name
    owner, login = ("mail", "dovenull") if IS_ROOT else (me, me)
    group = grp.getgrgid(pwd.getpwnam(owner).pw_gid).gr_name
    with folder(owner if IS_ROOT else None) as home:
        (home / "users").write_text("".join(f"{name}:{{PLAIN}}{password}\n" for name in (user, *others)))
        (home / "mail").mkdir()
        if IS_ROOT:
            shutil.chown(home / "mail", owner)
        config = home / "dovecot.conf"
        tls_port = free_port() if tls else 0
        secured = f"ssl = yes\nssl_cert = <{tls.cert}\nssl_key = <{tls.key}\n" if tls else "ssl = no\n"
        offered = " ".join(name for name in _CAPABILITIES.split() if name not in lacks.split())
        more = secured + (f"imap_capability = {offered}\n" if lacks else "")
        served = mail or home / "mail"
        names = {
            "mail": served,
            "home": home,
            "port": port,
            "tls_port": tls_port,
            "owner": owner,
            "group": group,
            "login": login,
        }
        config.write_text(_DOVECOT.format(**names) + more)
        command = [program("dovecot-imapd", "dovecot"), "-F", "-c", str(config)]
        with running(command, home, None, lambda: says(port, b"", b"* OK")):
            yield Imap("127.0.0.1", port, user, password, tls_port)


@dataclass
class SmtpSink:
    """An SMTP server that keeps what it is given; `refuse` makes it answer with an error instead.

    `refuse_to` does so for single recipients, `refuse_from` for senders, `on_data` is called before a mail is taken.
    """

    host: str
    port: int
    user: str = ""
    password: str = ""
    messages: list[bytes] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    refuse: str = ""
    refuse_from: str = ""
    refuse_to: dict[str, str] = field(default_factory=dict)
    on_data: Callable[[], None] = lambda: None

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: object, session: object, envelope: Any, address: str, options: list[str]
    ) -> str:
        if self.refuse_from:
            return self.refuse_from
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: object, session: object, envelope: Any, address: str, options: list[str]
    ) -> str:
        if answer := self.refuse_to.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        self.on_data()
        if self.refuse:
            return self.refuse
        self.messages.append(envelope.content)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextlib.contextmanager
def smtp(
    *, tls: Pair | None = None, starttls: Pair | None = None, user: str = "", password: str = ""
) -> Iterator[SmtpSink]:
    """In the clear, or with `tls` from the first byte, or with `starttls`; with `user` only who logs in may send."""
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    sink = SmtpSink("127.0.0.1", free_port(), user, password)

    def authenticate(server: object, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        is_good = (data.login, data.password) == (user.encode(), password.encode())
        return AuthResult(success=is_good, handled=False)

    more: dict[str, Any] = {}
    if user:
        is_clear = not (tls or starttls)
        more |= {"authenticator": authenticate, "auth_required": True, "auth_require_tls": not is_clear and not tls}
    if starttls:
        more["tls_context"] = _context(starttls)
    if tls:
        more["ssl_context"] = _context(tls)
    controller = Controller(sink, hostname=sink.host, port=sink.port, ready_timeout=20, **more)
    if tls:  # its own first look trusts the system's authorities only
        controller._trigger_server = lambda: _greet(sink.port)  # type: ignore[method-assign]
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


def _greet(port: int) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain, context.wrap_socket(plain) as secure:
        secure.recv(1024)


def _context(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.cert, pair.key)
    return context


_CAPABILITIES = "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE LITERAL+ UIDPLUS NAMESPACE CHILDREN IDLE MOVE"
_DOVECOT = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
default_internal_user = {owner}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{mail}/%u
first_valid_uid = 1
mail_max_userip_connections = 100
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={home}/mail/%u
}}
namespace inbox {{
  inbox = yes
}}
"""


# --- what they share -------------------------------------------------------------------------------------------------
def program(package: str, name: str) -> str:
    """The path of a server program, or a loud word about the package that brings it."""
    places = [*sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True), f"/usr/sbin/{name}"]
    found = shutil.which(name) or next((place for place in places if os.access(place, os.X_OK)), None)
    if not found:
        raise ServerError(f"{name} is not installed. On Debian: apt-get install {package} (make test does it as root).")
    return found


@contextlib.contextmanager
def folder(owner: str | None = None) -> Iterator[Path]:
    """A temporary folder that another user can reach: TMPDIR may lie inside somebody's closed home."""
    home = Path(tempfile.mkdtemp(prefix="guichet-", dir="/tmp"))
    home.chmod(0o755)
    if owner:
        shutil.chown(home, owner)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def running(
    command: list[str], home: Path, owner: str | None, ready: Callable[[], bool], stop: int = signal.SIGTERM
) -> Iterator[Server]:
    server = Server(command, home, owner, ready, stop)
    try:
        server.start()
        yield server
    finally:
        server.end()


def _die_with_parent() -> None:
    """Ask the kernel to stop the server when the test run itself is killed (Linux only; elsewhere nothing happens)."""
    with contextlib.suppress(OSError, AttributeError):
        pr_set_pdeathsig = 1
        _libc.prctl(pr_set_pdeathsig, signal.SIGINT)


def answers(port: int) -> bool:
    """Whether something listens there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        return False
    return True


def says(port: int, question: bytes, answer: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(question)
            return connection.recv(64).startswith(answer)
    except OSError:
        return False


def _postgres_answers(address: str) -> bool:
    import psycopg

    try:
        psycopg.connect(address, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def main(command: list[str]) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with postgres() as database, redis() as cache:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": database, "REDIS_URL": cache}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
