"""Suggestions on generated customer questions (`questions`): thirty intents that overlap, in two languages.

The questions are generated: what is measured is the mechanism. What it is worth on a desk's own tickets the product
measures itself, on those it keeps back, and shows the supervisor.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import time

import django

django.setup()

from tests.bench import questions
from tests.bench.figures import Figure, tell
from tests.bench.questions import Question
from tickets.qualification import fitting
from tickets.qualification.fitting import Task
from tickets.qualification.weights import Linear

ASKED = 30


def _learn(examples: list[Question]) -> Linear:
    texts, labels = [one.text for one in examples], [one.intent for one in examples]
    return fitting.learn(Task(texts, labels, [str(number) for number in range(len(texts))]))[0]


def _right(model: Linear, asked: list[Question]) -> float:
    return 100 * sum(model.rank(one.text)[0].label == one.intent for one in asked) / len(asked)


def measure(language: str) -> list[Figure]:
    asked = questions.make(language, ASKED, 2)
    chance = 100 / len({one.intent for one in asked})
    figures = []
    for per_intent, goal in ((130, 87.0), (10, 68.0)):
        right = _right(_learn(questions.make(language, per_intent, 1)), asked)
        name = f"suggest {language}: right first, {per_intent} examples"
        figures.append(Figure(name, right, "%", chance, "chance", f"≥ {goal:.0f} %", right >= goal))
    known, unseen = range(5), range(5, 7)
    model = _learn(questions.make(language, 130, 1, phrasings=known))
    right = _right(model, questions.make(language, ASKED, 2, phrasings=unseen))
    name = f"suggest {language}: phrasings never seen before"
    figures.append(Figure(name, right, "%", chance, "chance", "told, no goal", True))
    started = time.perf_counter()
    for one in asked:
        model.rank(one.text)
    took = 1000 * (time.perf_counter() - started) / len(asked)
    figures.append(Figure(f"suggest {language}: one question", took, "ms", 5.0, "the most", "< 5 ms", took < 5))
    return figures


if __name__ == "__main__":
    for one in ("en", "fr"):
        tell(*measure(one))
