"""Train from the desk's own tickets: each night, and when a supervisor asks. The fitting is a process of its own.

What is learned from: queue, kind and first macro of solved tickets, a kind only where somebody said it (a guess would
learn itself); spam from what people marked, and honest mail also from what agents answered.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from helpdesk.events import names
from helpdesk.events.record import record
from helpdesk.jobs import engine, outbox
from helpdesk.lib import clock
from helpdesk.lib.actor import SYSTEM
from tickets.models import Learned, MacroUse, Message, Provenance, SpamMark, Ticket
from tickets.models.ticket import Status
from tickets.qualification import policy, spam, spam_signs, weights
from tickets.qualification.provenance import Kind
from tickets.qualify import LANGUAGES

log = structlog.get_logger(__name__)
Task = Learned.Task
# The newest count: an old habit is not what the desk does now.
MOST = 20_000
LEAST_PER_LABEL, LEAST_IN_ALL = 5, 40
LEAST_SPAM, LEAST_HONEST = 15, 40
_CHARS = 4_000
_TIMEOUT_S = 900
_KEPT_REPORTS = 10
_SAID = (Kind.AGENT, Kind.CUSTOMER, Kind.IMPORT, Kind.RULE)


@dataclass(slots=True)
class Examples:
    """Labelled texts and whose they are."""

    texts: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    extra: list[list[str]] = field(default_factory=list)

    def add(self, text: str, label: str, group: int, extra: list[str] | None = None) -> None:
        self.texts.append(text[:_CHARS])
        self.labels.append(label)
        self.groups.append(str(group))
        self.extra.append(extra or [])


@engine.every(86_400)
def nightly() -> None:
    """Learn anew from what was solved."""
    start()


def start() -> None:
    """One job per task and language; what is already waiting is not asked for twice."""
    wanted = [(task, language) for task in (Task.QUEUE, Task.KIND, Task.MACRO) for language in LANGUAGES]
    for name, language in [*wanted, (Task.SPAM, "")]:
        key = f"learn:{name}:{language}"
        outbox.enqueue(train, priority=outbox.HEAVY, unique_key=key, name=str(name), language=language)


def is_running() -> bool:
    """Whether something is being learned, or about to be."""
    return outbox.is_waiting(train)


def train(name: str, language: str) -> None:
    """Job: learn one task in one language, keep what came out, and use it if it is of use."""
    task = Task(name)
    examples = _spam_examples() if task == Task.SPAM else _examples(task, language)
    reason = _too_few(task, examples)
    if reason:
        _keep(task, language, [], b"", _poor(examples), reason)
        return
    labels, report, packed = _fit(task, examples)
    weights.unpack(labels, packed)
    _keep(task, language, labels, packed, report, _verdict(task, report))


def _examples(task: str, language: str) -> Examples:
    solved = Ticket.objects.filter(status__in=(Status.SOLVED, Status.CLOSED), language=language).order_by("-id")
    rows = {ticket.pk: ticket for ticket in solved.select_related("queue")[:MOST]}
    labels = dict(_labels(task, rows))
    examples = Examples()
    for ticket_id, body in _first_messages(labels):
        ticket = rows[ticket_id]
        examples.add(f"{ticket.subject}\n{body}", labels[ticket_id], ticket.requester_id)
    return _without_rare(examples)


def _labels(task: str, tickets: dict[int, Ticket]) -> Iterator[tuple[int, str]]:
    if task == Task.QUEUE:
        yield from ((pk, ticket.queue.slug) for pk, ticket in tickets.items() if ticket.queue.is_active)
    elif task == Task.KIND:
        said = Provenance.objects.filter(field="kind", kind__in=_SAID, ticket__in=tickets)
        for pk in said.values_list("ticket_id", flat=True):
            if kind := tickets[pk].kind:
                yield pk, str(kind)
    else:
        uses = MacroUse.objects.filter(message__ticket__in=tickets).order_by("-message__seq")
        yield from ((pk, str(macro)) for pk, macro in uses.values_list("message__ticket_id", "macro_id"))


def _first_messages(tickets: Iterable[int]) -> Iterator[tuple[int, str]]:
    ids = sorted(tickets)
    for start in range(0, len(ids), 500):
        rows = Message.objects.filter(ticket__in=ids[start : start + 500], seq=1).order_by("ticket_id")
        yield from rows.values_list("ticket_id", "body")


def _without_rare(examples: Examples) -> Examples:
    counts = Counter(examples.labels)
    kept = Examples()
    for place, label in enumerate(examples.labels):
        if counts[label] >= LEAST_PER_LABEL:
            kept.add(examples.texts[place], label, int(examples.groups[place]))
    return kept


def _spam_examples() -> Examples:
    """Marked tickets, and honest ones that an agent answered; marks outweigh."""
    marks = dict(SpamMark.objects.order_by("-marked_at").values_list("ticket_id", "is_spam")[:MOST])
    answered = Ticket.objects.exclude(status=Status.SPAM).filter(first_replied_at__isnull=False)
    honest: QuerySet[Ticket] = answered.exclude(pk__in=marks).order_by("-id")
    tickets = {ticket.pk: ticket for ticket in honest[: MOST // 4]}
    tickets |= {ticket.pk: ticket for ticket in Ticket.objects.filter(pk__in=marks)}
    examples = Examples()
    ids = sorted(tickets)
    for start in range(0, len(ids), 500):
        firsts = Message.objects.filter(ticket__in=ids[start : start + 500], seq=1).order_by("ticket_id")
        for ticket_id, body, html, trust in firsts.values_list("ticket_id", "body", "html", "trust"):
            ticket = tickets[ticket_id]
            signs = spam_signs.find(ticket.subject, body, html=html, trust=trust)
            label = "spam" if marks.get(ticket_id) else "not_spam"
            examples.add(f"{ticket.subject}\n{body}", label, ticket.requester_id, spam.extra_words(signs))
    return examples


def _too_few(task: str, examples: Examples) -> str:
    counts = Counter(examples.labels)
    if task == Task.SPAM:
        return "too_few" if counts["spam"] < LEAST_SPAM or counts["not_spam"] < LEAST_HONEST else ""
    if len(examples.texts) < LEAST_IN_ALL:
        return "too_few"
    return "one_label" if len(counts) < 2 else ""


def _poor(examples: Examples) -> dict[str, Any]:
    return {"examples": len(examples.texts), "held_back": 0, "accuracy": None, "baseline": None}


def _verdict(task: str, report: dict[str, Any]) -> str:
    """'' when the model is of use, else why not: a spam filter that cries wolf, or one no better than a habit."""
    if task == Task.SPAM:
        if report["false_alarms"] is None or report["false_alarms"] >= 0.007:
            return "false_alarms"
        return "" if (report["caught"] or 0) >= 0.5 else "catches_little"
    if not report["held_back"]:
        return "too_few"
    return "" if report["accuracy"] > report["baseline"] else "no_better"


def _fit(task: str, examples: Examples) -> tuple[list[str], dict[str, Any], bytes]:
    """Fit in a process of its own: scikit-learn's memory and time stay out of the one that serves people."""
    given = {
        "kind": task,
        "texts": examples.texts,
        "labels": examples.labels,
        "groups": examples.groups,
        "extra": examples.extra,
        "pieces": task != Task.SPAM,
    }
    quiet = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "tickets.qualification.fitting"],
        input=json.dumps(given).encode(),
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
        cwd=settings.BASE_DIR,
        env=os.environ | quiet,
    )
    if done.returncode:
        raise RuntimeError(f"fitting {task} failed: {done.stderr.decode(errors='replace')[-500:]}")
    head, _, packed = done.stdout.partition(b"\n")
    told = json.loads(head)
    return told["labels"], told["report"], packed


@transaction.atomic
def _keep(task: str, language: str, labels: list[str], packed: bytes, report: dict[str, Any], reason: str) -> None:
    """Store what was learned. What is not of use is kept as a report; the model in force stays until a better one comes."""
    if not reason:
        Learned.objects.filter(task=task, language=language, is_in_force=True).update(is_in_force=False, weights=b"")
    row = Learned.objects.create(
        task=task,
        language=language,
        labels=labels,
        weights=packed if not reason else b"",
        report=report | {"reason": reason},
        is_in_force=not reason,
        trained_at=clock.now(),
    )
    old = Learned.objects.filter(task=task, language=language, is_in_force=False).order_by("-id")
    Learned.objects.filter(pk__in=list(old.values_list("pk", flat=True)[_KEPT_REPORTS:])).delete()
    data = {"task": task, "language": language, "in_force": not reason, "reason": reason}
    record(names.MODELS_TRAINED, row, by=SYSTEM, data=data)
    transaction.on_commit(policy.forget)
    log.info("learning.trained", task=task, language=language, examples=report["examples"], reason=reason)
