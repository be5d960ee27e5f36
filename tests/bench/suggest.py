"""Suggestions on generated customer questions (`questions`): thirty intents that overlap, in two languages.

The questions are generated, seven phrasings an intent: what is measured is the mechanism. Asked are new questions of
phrasings that were learned (other words in their gaps, other sentences beside them, other slips), and, told beside it
without a goal, of phrasings that were kept back whole: those share hardly a word with what was learned, which real
questions of one kind do. What it is worth on a desk's own tickets the product measures itself, on those it keeps back,
and shows the supervisor.

`GUICHET_QUESTIONS=file.csv` measures on questions of your own instead, a text and its label on each line: a fifth of every
label is asked, of the rest 130 and then ten are learned.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import csv
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import django

django.setup()

from tests.bench import questions
from tests.bench.figures import Figure, tell
from tests.bench.questions import Question
from tickets.qualification import fitting
from tickets.qualification.fitting import Task
from tickets.qualification.weights import Linear

ASKED = 30
# From here on a screen speaks of a sure guess
SURE = 0.8


def _learn(examples: list[Question]) -> Linear:
    texts, labels = [one.text for one in examples], [one.intent for one in examples]
    return fitting.learn(Task(texts, labels, [str(number) for number in range(len(texts))]))[0]


def _right(model: Linear, asked: list[Question]) -> float:
    return 100 * sum(model.rank(one.text)[0].label == one.intent for one in asked) / len(asked)


def _sure(model: Linear, asked: list[Question]) -> float:
    return 100 * sum(model.rank(one.text)[0].confidence >= SURE for one in asked) / len(asked)


def _goals(name: str, learned: Callable[[int], list[Question]], asked: list[Question]) -> list[Figure]:
    chance = 100 / len({one.intent for one in asked})
    figures = []
    for per_intent, goal in ((130, 87.0), (10, 68.0)):
        right = _right(_learn(learned(per_intent)), asked)
        label = f"suggest {name}, {per_intent} examples: right first"
        figures.append(Figure(label, right, "%", chance, "chance", f"≥ {goal:.0f} %", right >= goal))
    return figures


def measure(language: str) -> list[Figure]:
    asked = questions.make(language, ASKED, 2)
    chance = 100 / len({one.intent for one in asked})
    figures = _goals(language, lambda per_intent: questions.make(language, per_intent, 1), asked)
    known, unseen = range(5), range(5, 7)
    new = questions.make(language, ASKED, 2, phrasings=unseen)
    for per_intent in (10, 130):
        model = _learn(questions.make(language, per_intent, 1, phrasings=known))
        right = _right(model, new)
        name = f"suggest {language}, {per_intent} examples: phrasings kept back"
        figures.append(Figure(name, right, "%", chance, "chance", "told, no goal", True))
    foreign = questions.make("fr" if language == "en" else "en", ASKED, 2)
    for what, those, most in (("new phrasings", new, 40.0), ("another language", foreign, 5.0)):
        sure = _sure(model, those)
        figures.append(
            Figure(f"suggest {language}: sure of {what}", sure, "%", right, "right", f"≤ {most:.0f} %", sure <= most)
        )
    # The processor's time: others may be at work on this machine
    started = time.process_time()
    for one in asked:
        model.rank(one.text)
    took = 1000 * (time.process_time() - started) / len(asked)
    figures.append(Figure(f"suggest {language}: one question", took, "ms", 5.0, "the most", "< 5 ms", took < 5))
    return figures


def measure_own(path: Path) -> list[Figure]:
    """On questions that somebody gives: the same split each time, whatever their order in the file."""
    with path.open(newline="", encoding="utf-8") as lines:
        rows = sorted({(row[0].strip(), row[1].strip()) for row in csv.reader(lines) if len(row) >= 2})
    by_label: dict[str, list[Question]] = defaultdict(list)
    for words, label in rows:
        by_label[label].append(Question(words, label, 0))
    asked, rest = [], []
    for label in sorted(by_label):
        mine = by_label[label]
        random.Random(label).shuffle(mine)
        asked += mine[: len(mine) // 5]
        rest.append(mine[len(mine) // 5 :])
    name = f"{path.name} ({len(by_label)} labels, {len(rows)} questions)"
    return _goals(name, lambda per_intent: [one for mine in rest for one in mine[:per_intent]], asked)


if __name__ == "__main__":
    if given := os.environ.get("GUICHET_QUESTIONS"):
        tell(*measure_own(Path(given)))
    else:
        for one in ("en", "fr"):
            tell(*measure(one))
