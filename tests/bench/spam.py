"""The spam filter on generated mail (`letters`), and what the parts of the mail path that understand a mail cost."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import time
from collections.abc import Callable

import django

django.setup()

from tests.bench import letters
from tests.bench.figures import Figure, tell
from tests.bench.letters import Letter
from tickets.qualification import fitting, sensitive, spam, spam_signs
from tickets.qualification.fitting import Task
from tickets.qualification.weights import Linear
from tickets.qualify import qualify

LIMIT = 0.9


def _learn(mails: list[Letter]) -> Linear:
    texts = [f"{mail.subject}\n{mail.body}" for mail in mails]
    labels = ["spam" if mail.is_spam else "not_spam" for mail in mails]
    groups = [str(number) for number in range(len(mails))]
    return fitting.learn_spam(Task(texts, labels, groups, [_signs(mail) for mail in mails], pieces=False))[0]


def _signs(mail: Letter) -> list[str]:
    return spam.extra_words(spam_signs.find(mail.subject, mail.body))


def _held(model: Linear, mails: list[Letter]) -> float:
    scores = [dict(model.rank(f"{mail.subject}\n{mail.body}", _signs(mail)))["spam"] for mail in mails]
    return 100 * sum(score >= LIMIT for score in scores) / len(scores)


def _held_by_signs(mails: list[Letter]) -> float:
    return 100 * sum(spam_signs.score(spam_signs.find(mail.subject, mail.body)) >= LIMIT for mail in mails) / len(mails)


def caught() -> list[Figure]:
    mails, honest = letters.spam(1500, 2), letters.honest(3000, 2)
    figures = []
    for marks, answered in ((60, 300), (400, 1500)):
        model = _learn([*letters.spam(marks, 1), *letters.honest(answered, 1)])
        share, alarms = _held(model, mails), _held(model, honest)
        name = f"spam: caught after {marks} marks"
        figures.append(
            Figure(name, share, "%", alarms, "% false alarms", "≥ 95 %, < 0.7 %", share >= 95 and alarms < 0.7)
        )
    families = list(letters.FAMILIES)
    model = _learn([*letters.spam(400, 1, families[len(families) // 4 :]), *letters.honest(1500, 1)])
    share = _held(model, letters.spam(1500, 2, families[: len(families) // 4]))
    alarms = _held(model, honest)
    figures.append(
        Figure("spam: caught of kinds never seen", share, "%", alarms, "% false alarms", "told, no goal", True)
    )
    share, alarms = _held_by_signs(mails), _held_by_signs(honest)
    figures.append(
        Figure("spam: caught without marks", share, "%", alarms, "% false alarms", "no false alarm", alarms == 0)
    )
    return figures


def costs() -> list[Figure]:
    """Of a mail of 2 KB, half of them French."""
    honest = letters.honest(400, 5)
    bodies = [" ".join(mail.body for mail in honest[start : start + 14])[:2000] for start in range(0, 390, 14)]
    parts: list[tuple[str, Callable[[str], object]]] = [
        ("qualify", lambda body: qualify("A subject", body)),
        ("sensitive", sensitive.find),
        ("spam signs", lambda body: spam_signs.find("A subject", body)),
    ]
    figures = []
    for name, part in parts:
        part(bodies[0])
        started = time.perf_counter()
        for body in bodies * 5:
            part(body)
        took = 1000 * (time.perf_counter() - started) / (5 * len(bodies))
        figures.append(Figure(f"{name} of a mail of 2 KB", took, "ms", 1.0, "the most", "< 1 ms", took < 1))
    return figures


if __name__ == "__main__":
    tell(*caught())
    tell(*costs())
