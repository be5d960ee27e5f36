"""`email_parse.parse` in a process that may be killed: no mail takes more CPU time, memory or waiting than these bounds.

A child is started at the first mail, kept, and given one mail after the other over a pipe; the kernel ends it when a
mail uses up its CPU time. The mail then comes back with `poison` set and its envelope, the next one gets a new child.
Each thread that reads mail at the same time has its own.
"""

import atexit
import contextlib
import os
import pickle
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

from helpdesk.lib import text as texts
from tickets.channels import email_parse
from tickets.channels.email_bodies import MAX_TEXT
from tickets.channels.email_shapes import ParsedMail, Poison

CPU_SECONDS = 5.0
WALL_SECONDS = 60.0
MEMORY_BYTES = 1536 * 1024 * 1024
MAILS_PER_CHILD = 2_000
BIG = 8 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[2]
_LENGTH = struct.Struct("!Q")


class _Poisoned(Exception):
    """The child died of this mail."""

    def __init__(self, poison: Poison) -> None:
        self.poison = poison


def parse(
    raw: bytes,
    *,
    authserv_ids: Collection[str] = (),
    own: Collection[str] = (),
    envelope_only: bool = False,
    cpu_seconds: float = CPU_SECONDS,
) -> ParsedMail:
    """Read a mail within bounds; never raises. `poison` says why a mail could not be read, `text` has its bytes then."""
    settings = {"authserv_ids": list(authserv_ids), "own": list(own)}
    head = raw[: email_parse.MAX_ENVELOPE] if envelope_only else raw
    try:
        return _ask(head, settings | {"envelope_only": envelope_only}, cpu_seconds)
    except _Poisoned as death:
        poison = death.poison
    except OSError:  # no process to be had: the guards in the parser itself must do
        return email_parse.parse(head, envelope_only=envelope_only, **settings)
    try:
        mail = _ask(raw[: email_parse.MAX_ENVELOPE], settings | {"envelope_only": True}, cpu_seconds)
    except (_Poisoned, OSError):
        mail = ParsedMail()
    mail.poison = poison
    mail.problems.append(f"poison_{poison}")
    mail.text = mail.newest_text = texts.clean(raw[:MAX_TEXT].decode("utf-8", "replace"))
    return mail


# --- this side -------------------------------------------------------------------------------------------------------


class _Child:
    """One reading process and the two pipes to it."""

    def __init__(self) -> None:
        path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH", "")]))
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", "tickets.channels.email_sandbox", str(MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            # Nothing secret for a process that reads strangers' bytes
            env={"PYTHONPATH": path, "PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
        )
        if self.process.stdin is None or self.process.stdout is None:
            raise OSError("no pipe")
        self.into, self.out = self.process.stdin, self.process.stdout
        self.owner = os.getpid()
        self.mails = 0
        # Its start is no mail's time
        self.read(WALL_SECONDS)

    def read(self, seconds: float) -> Any:
        """The next answer; raises _Poisoned when it dies or does not come in time."""
        until, data, wanted = time.monotonic() + seconds, bytearray(), _LENGTH.size
        descriptor = self.out.fileno()
        while len(data) < wanted:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, until - time.monotonic()))
            chunk = os.read(descriptor, min(1 << 20, wanted - len(data))) if ready else None
            if chunk is None:
                self.end()
                raise _Poisoned("time")
            if not chunk:
                raise _Poisoned(self.cause_of_death())
            data += chunk
            if wanted == _LENGTH.size and len(data) == wanted:
                wanted += _LENGTH.unpack(data)[0]
        return pickle.loads(bytes(data[_LENGTH.size :]))  # noqa: S301 - our own program wrote it

    def write(self, question: Any) -> None:
        """Send a question; a child that died meanwhile shows when its answer is read."""
        data = pickle.dumps(question, protocol=5)
        try:
            self.into.write(_LENGTH.pack(len(data)))
            self.into.write(data)
            self.into.flush()
        except BrokenPipeError:
            pass

    def cause_of_death(self) -> Poison:
        """Why its pipe closed."""
        code = self.process.wait()
        self.end()
        if code == -signal.SIGPROF:
            return "time"
        return "memory" if code in (-signal.SIGKILL, _OUT_OF_MEMORY) else "crash"

    def end(self) -> None:
        """Kill it and close the pipes."""
        self.process.kill()
        for pipe in (self.into, self.out):
            with contextlib.suppress(OSError):
                pipe.close()
        self.process.wait()


_idle: list[_Child] = []
_lock = threading.Lock()


def _ask(raw: bytes, settings: dict[str, Any], cpu_seconds: float) -> ParsedMail:
    child = _take()
    child.write((raw, settings, cpu_seconds))
    mail: ParsedMail = child.read(WALL_SECONDS)
    child.mails += 1
    if child.mails >= MAILS_PER_CHILD or len(raw) > BIG:
        child.end()  # memory that a big mail has grown is given back
    else:
        with _lock:
            _idle.append(child)
    return mail


def _take() -> _Child:
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.owner != os.getpid():
                continue  # from before a fork: it belongs to the parent
            if child.process.poll() is None:
                return child
            child.end()
    return _Child()


@atexit.register
def close() -> None:
    """End the idle children."""
    with _lock:
        while _idle:
            child = _idle.pop()
            if child.owner == os.getpid():
                child.end()


# --- the other side --------------------------------------------------------------------------------------------------

_OUT_OF_MEMORY = 77


def _serve(memory_bytes: int) -> None:
    """Answer until the pipe closes. Whatever a library prints must not get between the answers."""
    out, source = os.fdopen(os.dup(1), "wb"), os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    email_parse.parse(b"Content-Type: text/html\n\n<p>On Monday, 1 May 2026, a@b.example wrote:</p>")
    answer: Any = "ready"
    while True:
        data = pickle.dumps(answer, protocol=5)
        out.write(_LENGTH.pack(len(data)))
        out.write(data)
        out.flush()
        length = source.read(_LENGTH.size)
        if len(length) < _LENGTH.size:
            return
        raw, settings, cpu_seconds = pickle.loads(source.read(_LENGTH.unpack(length)[0]))  # noqa: S301 - the parent's
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        answer = email_parse.parse(raw, **settings)
        signal.setitimer(signal.ITIMER_PROF, 0)


if __name__ == "__main__":
    try:
        _serve(int(sys.argv[1]))
    except MemoryError:
        os._exit(_OUT_OF_MEMORY)
