"""A backlog in a real Dovecot, taken in by a real worker: nothing skipped, oldest first, fair between mailboxes, bounded.

Three mailboxes, one of them with most of the mail. While the backlog is worked off one more mail comes to the smallest.
`BACKLOG=2000` makes it shorter.
"""

import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import django

django.setup()

from django.core import management
from imapclient import IMAPClient

from helpdesk.lib import sealed
from helpdesk.people.models import Team
from tests import servers
from tests.bench import figures, mail_corpus
from tests.servers import Imap
from tickets.channels import imap
from tickets.models import Mailbox, Queue, RawMail

MAILS = int(os.environ.get("BACKLOG", "10000"))
SHARES = {"large": 0.80, "middle": 0.15, "small": 0.05}
LATE = b"From: late@example.org\r\nSubject: Late\r\nMessage-ID: <late@example.org>\r\n\r\nThe lamp is late.\r\n"
# Mails that one thread of the worker reads in one transaction
BATCH = 25
PAUSE = 0.5
HOME = Path(__file__).resolve().parents[2]


def main() -> None:
    management.call_command("migrate", verbosity=0)
    with ExitStack() as stack:
        server = stack.enter_context(servers.dovecot())
        account = stack.enter_context(IMAPClient(server.host, port=server.port, ssl=False, timeout=60))
        account.login(server.user, server.password)
        counts = _fill(account)
        _desk(server)
        worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=HOME)
        try:
            _watch(worker, account, counts)
        finally:
            worker.terminate()
            worker.wait(30)


def _fill(account: IMAPClient) -> dict[str, int]:
    choose, counts = random.Random(5), {}
    for folder, share in SHARES.items():
        account.create_folder(folder)
        counts[folder] = round(MAILS * share)
        for start in range(0, counts[folder], 100):
            for raw in mail_corpus.mixed(choose, min(100, counts[folder] - start)):
                account.append(folder, raw.replace(b"@example.net", f"@{folder}{start}.example.net".encode()))
    return counts


def _desk(server: Imap) -> None:
    team = Team.objects.create(name="Support", slug="support")
    queue = Queue.objects.create(name="Support", slug="support", team=team, is_default=True)
    for folder in SHARES:
        Mailbox.objects.create(
            queue=queue,
            address=f"{folder}@example.com",
            imap_host=server.host,
            imap_port=server.port,
            imap_security="none",
            imap_user=server.user,
            imap_secret=sealed.seal(server.password),
            imap_folder=folder,
            imap_done_folder=f"{folder}-done",
        )


def _watch(worker: "subprocess.Popen[bytes]", account: IMAPClient, counts: dict[str, int]) -> None:
    """Until all is read; the clock starts with the first mail that is."""
    done, ended, memory, came, waited = 0, dict[str, float](), 0.0, 0.0, 0.0
    began = time.monotonic()
    while done < MAILS + 1:
        time.sleep(PAUSE)
        if worker.poll() is not None:
            raise SystemExit("the worker died")
        now, was = time.monotonic(), done
        done = RawMail.objects.exclude(outcome="stored").count()
        if not done:
            began = now
        memory = max(memory, _megabytes(worker.pid))
        if not came and done > MAILS // 5:
            account.append("small", LATE)
            came = now
        if came and not waited and RawMail.objects.filter(sender="late@example.org").exists():
            waited = now - came
        for folder, count in counts.items():
            left = count - RawMail.objects.filter(mailbox__imap_folder=folder).exclude(outcome="stored").count()
            if left <= 0:
                ended.setdefault(folder, now - began)
        if done == was and now - began > 600:
            raise SystemExit(f"stands still at {done} of {MAILS}")
    seconds = time.monotonic() - began
    taken = RawMail.objects.filter(outcome__in=["ticket", "message"]).count()
    lying = sum(int(account.folder_status(folder, ["MESSAGES"])[b"MESSAGES"]) for folder in counts)
    early, before = _overtaken("ticket_id"), waited * done / seconds
    bound = imap.AHEAD * len(SHARES) + 2 * BATCH
    rows = [
        ("taken in, none left on the server", taken - lying, "", MAILS + 1, "there were", "all", taken - lying > MAILS),
        ("backlog, mails read", done / seconds, "/s", seconds, "seconds", "told", True),
        ("places by which one was stored too early", _overtaken("pk"), "", MAILS, "mails", "0", not _overtaken("pk")),
        ("… and read too early", early, "", 2 * BATCH, "two batches", "≤ 1 ×", early <= 2 * BATCH),
        ("mails read before one that comes meanwhile", before, "", bound, "bound", "≤ 1 ×", before <= bound),
        ("… which waits", waited, "s", seconds, "all, s", "told", True),
        (
            "small mailbox through after",
            ended["small"],
            "s",
            seconds,
            "all, s",
            "≤ 0.3 ×",
            ended["small"] <= 0.3 * seconds,
        ),
        ("memory of the worker and its readers", memory, "MB", 512, "bound MB", "≤ 1 ×", memory <= 512),
    ]
    for row in rows:
        figures.tell(figures.Figure(*row))


def _overtaken(order: str) -> int:
    """By how many places at most a mail came before one that lay longer in its mailbox."""
    worst = 0
    for folder in SHARES:
        rows = RawMail.objects.filter(mailbox__imap_folder=folder).exclude(sender="late@example.org").order_by(order)
        places = [int(uid.partition(":")[2]) for uid in rows.values_list("uid", flat=True)]
        straight = {uid: place for place, uid in enumerate(sorted(places))}
        worst = max([worst, *(straight[uid] - place for place, uid in enumerate(places))])
    return worst


def _megabytes(pid: int) -> float:
    """Resident memory of a process and of those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    children += [c for task in Path(f"/proc/{pid}/task").iterdir() for c in (task / "children").read_text().split()]
    return sum(_resident(int(one)) for one in {str(pid), *children}) / 1024


def _resident(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except FileNotFoundError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    main()
