"""Suggestions on customer questions in two languages: how often the first guess is right, and how sure it is of what it
cannot know.

Two kinds of questions, nobody's mail among them. Generated ones (`questions`): thirty intents, asked in phrasings that were
learned, with other words in their gaps, other sentences beside them and other slips; whole phrasings are kept back to see
how sure a guess is of what it cannot know. And written ones (`written/`): two dozen labels that overlap, each question
written singly, as unlike the others as could be. Those ask more than a desk's mail does, where much comes again in nearly
the same words; how hard they are, a plain linear model of scikit-learn says in the same run. What it is worth on a desk's
own tickets the product measures itself, on those it keeps back, and shows the supervisor.

`GUICHET_QUESTIONS=file.csv` measures on questions of your own instead of the written ones, a text and its label on a line.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import csv
import random
import time
from collections import defaultdict
from pathlib import Path

import django

django.setup()

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

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


def _plainly_right(learned: list[Question], asked: list[Question]) -> float:
    """The yardstick: words, pairs of words and pieces of words, a linear model, every setting as it comes."""
    model = make_pipeline(
        make_union(
            TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, ngram_range=(1, 2)),
            TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, analyzer="char_wb", ngram_range=(2, 5)),
        ),
        LinearSVC(random_state=0),
    ).fit([one.text for one in learned], [one.intent for one in learned])
    return 100 * float(model.score([one.text for one in asked], [one.intent for one in asked]))


def _generated(language: str) -> list[Figure]:
    asked = questions.make(language, ASKED, 2)
    chance = 100 / len({one.intent for one in asked})
    figures = []
    for per_intent, goal in ((130, 87.0), (10, 68.0)):
        right = _right(_learn(questions.make(language, per_intent, 1)), asked)
        label = f"suggest {language}, {per_intent} examples: right first"
        figures.append(Figure(label, right, "%", chance, "chance", f"≥ {goal:.0f} %", right >= goal))
    return figures


def _unsure(language: str) -> list[Figure]:
    """What it makes of what it cannot know."""
    known, unseen = range(5), range(5, 7)
    new = questions.make(language, ASKED, 2, phrasings=unseen)
    model = _learn(questions.make(language, 130, 1, phrasings=known))
    right = _right(model, new)
    foreign = questions.make("fr" if language == "en" else "en", ASKED, 2)
    figures = []
    for what, those, most in (("phrasings far off", new, 40.0), ("another language", foreign, 5.0)):
        sure = _sure(model, those)
        figures.append(
            Figure(f"suggest {language}: sure of {what}", sure, "%", right, "right", f"≤ {most:.0f} %", sure <= most)
        )
    # The processor's time: others may be at work on this machine
    started = time.process_time()
    for one in new:
        model.rank(one.text)
    took = 1000 * (time.process_time() - started) / len(new)
    figures.append(Figure(f"suggest {language}: one question", took, "ms", 5.0, "the most", "< 5 ms", took < 5))
    return figures


def _written(path: Path, name: str) -> list[Figure]:
    """On the questions of a file: the same split each time, whatever their order in it.

    Nothing is learned that differs by less than three words from what is asked.
    """
    with path.open(newline="", encoding="utf-8") as lines:
        rows = sorted({(row[0].strip(), row[1].strip()) for row in csv.reader(lines) if len(row) >= 2})
    by_label: dict[str, list[Question]] = defaultdict(list)
    for words, label in rows:
        by_label[label].append(Question(words, label, 0))
    asked, rest = [], []
    for label in sorted(by_label):
        mine = by_label[label]
        random.Random(label).shuffle(mine)
        kept = mine[: len(mine) // 6]
        asked += kept
        rest.append([one for one in mine[len(kept) :] if all(_differ(one, other) for other in kept)])
    figures = []
    for per_intent in (130, 10):
        learned = [one for mine in rest for one in mine[:per_intent]]
        right, plain = _right(_learn(learned), asked), _plainly_right(learned, asked)
        label = f"suggest {name} written, {per_intent} examples: right first"
        figures.append(Figure(label, right, "%", plain, "plain linear model", "≥ 0.95 ×", right >= 0.95 * plain))
    return figures


def _differ(one: Question, other: Question) -> bool:
    return len(set(one.text.lower().split()) ^ set(other.text.lower().split())) >= 3


if __name__ == "__main__":
    if given := os.environ.get("GUICHET_QUESTIONS"):
        tell(*_written(Path(given), Path(given).name))
    else:
        for language in ("en", "fr"):
            written = Path(__file__).with_name("written") / f"{language}.csv"
            tell(*_generated(language), *_written(written, language), *_unsure(language))
