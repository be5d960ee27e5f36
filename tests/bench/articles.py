"""Search of the help centre: how often the right article is among the first five, as asked and with one typo, in two
languages, beside a search that demands all words; how long an answer takes among 10,000 articles; whether both databases
answer alike.

What is asked and what is searched are our own, and do not quite suit each other: the questions of `written/`, each written
singly, nobody's mail, are about everything that a large shop sells, and many name a thing and a fault and nothing else; the
articles are those of the demo company, which sells bicycles and kitchen things, in its own words. Of the labels of those
questions the ones are asked that an article there answers (`ANSWERS`). Twenty-three articles a language are a small shelf:
what five guesses would hit by chance is said beside. So the figures say what stems, accents and slips are worth against a
search that demands all words; they do not say what a desk's own customers will find, for which there is no public data here.

Ten thousand articles, for how long an answer takes, are made up of the same shop's words and of others, line by line.

`GUICHET_ARTICLES=n` asks among another number of articles.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

import csv
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import django

django.setup()

from django.core import management
from django.db import connection

from helpdesk.demo import articles as demo
from helpdesk.lib import clock, search
from helpdesk.lib.search import analyser, vocabulary
from helpdesk.people.models import User
from knowledge import finding, publishing
from knowledge.models import Article, ArticleQuerySet, Category
from tests.bench.figures import Figure, quantile, read, tell

ASKED = 30
FIRST = 5
MANY = int(os.environ.get("GUICHET_ARTICLES", "10000"))
ANSWERS = {
    "battery": ("battery-care", "battery-will-not-charge"),
    "cancel_order": ("change-or-cancel-an-order",),
    "change_address": ("change-or-cancel-an-order", "missed-delivery"),
    "change_order": ("change-or-cancel-an-order",),
    "damaged": ("damaged-on-arrival",),
    "delete_account": ("your-personal-data",),
    "delivery_cost": ("delivery-times-and-costs",),
    "delivery_place": ("missed-delivery", "delivery-times-and-costs"),
    "exchange": ("return-an-item",),
    "invoice_copy": ("find-your-invoice",),
    "late_delivery": ("track-your-order", "delivery-times-and-costs"),
    "lost_parcel": ("track-your-order", "missed-delivery"),
    "payment_refused": ("payment-methods",),
    "refund_missing": ("refund-times",),
    "return_item": ("return-an-item",),
    "sign_in": ("sign-in-problems",),
    "track_order": ("track-your-order",),
    "warranty": ("warranty",),
    "wrong_item": ("damaged-on-arrival",),
}
Question = tuple[str, tuple[str, ...]]


def main() -> None:
    management.call_command("migrate", verbosity=0)
    author = User.objects.create_user("author@example.com", "author-secret-1", name="Author", role=User.Role.SUPERVISOR)
    section = publishing.add_section("help", name_en="Help", name_fr="Aide")
    _shelve(section, author)
    if "--alone" not in sys.argv:
        for language in ("en", "fr"):
            _tell_quality(language)
    _fill(section, author)
    for language in ("en", "fr"):
        _tell_among_many(language)
    _tell_alike()


def _shelve(section: Category, author: User) -> None:
    for one in demo.load():
        if one.audience == "public":
            made = publishing.create(
                section, language=one.language, slug=one.slug, title=one.title, summary=one.summary, body=one.body, by=author
            )  # fmt: skip
            publishing.publish(made, by=author)


def _questions(language: str) -> list[Question]:
    """The same thirty of each label, whatever their order in the file."""
    path = Path(__file__).with_name("written") / f"{language}.csv"
    by_label: dict[str, list[str]] = {}
    with path.open(newline="", encoding="utf-8") as lines:
        for text, label in sorted({(row[0].strip(), row[1].strip()) for row in csv.reader(lines) if len(row) >= 2}):
            by_label.setdefault(label, []).append(text)
    found: list[Question] = []
    for label, slugs in ANSWERS.items():
        random.Random(label).shuffle(by_label[label])
        found += [(text, slugs) for text in by_label[label][:ASKED]]
    return found


def _slips(asked: list[Question]) -> list[Question]:
    return [(_slip(text), slugs) for text, slugs in asked]


def _slip(text: str) -> str:
    """One slip of the finger in one of the words that tell: two letters swapped, one lost, one too many, one for another."""
    chance = random.Random(text)
    places = [
        place for place in analyser.places(text) if place.end - place.start >= 4 and place.word not in analyser.POLITE
    ]
    if not places:
        return text
    place = chance.choice(places)
    at = chance.randrange(place.start + 1, place.end - 1)
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    kind = chance.randrange(4)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + ("" if kind == 1 else letter if kind == 2 else text[at] * 2) + text[at + 1 :]


def _rows(language: str) -> ArticleQuerySet:
    return finding.readable(None, language)


def _slugs(language: str) -> dict[int, str]:
    return dict(_rows(language).values_list("pk", "slug"))


def _best(rows: ArticleQuerySet, text: str) -> list[int]:
    return [one.pk for one in search.rank(rows, text, limit=FIRST)]


def _tell_quality(language: str) -> None:
    slugs, rows = _slugs(language), _rows(language)
    chance = 100 * FIRST / len(slugs)
    before = 0.0
    for how, asked in (("as asked", _questions(language)), ("one typo each", _slips(_questions(language)))):
        answers = [_best(rows, text) for text, _ in asked]
        demanding = [_best(rows.filter(pk__in=search.match(rows, text).values("pk")), text) for text, _ in asked]
        right, all_words = _share_right(asked, answers, slugs), _share_right(asked, demanding, slugs)
        empty, empty_too = (100 * sum(not one for one in found) / len(asked) for found in (answers, demanding))
        label = f"articles {language}, {how}"
        tell(
            Figure(
                f"{label}: right in first five", right, "%", all_words, "all words", "≥ 5 ×", right >= 5 * all_words
            ),
            Figure(
                f"{label}: right first",
                _share_right(asked, answers, slugs, 1),
                "%",
                chance / FIRST,
                "chance",
                "none",
                True,
            ),
            Figure(f"{label}: no answer", empty, "%", empty_too, "all words", "≤ 2 %", empty <= 2),
        )
        if before:
            goal = "≥ 0.95 × as asked"
            tell(Figure(f"{label}: what a typo leaves", right, "%", before, "as asked", goal, right >= 0.95 * before))
        before = right


def _share_right(asked: list[Question], answers: list[list[int]], slugs: dict[int, str], first: int = FIRST) -> float:
    right = sum(
        any(slugs[pk] in wanted for pk in found[:first]) for (_, wanted), found in zip(asked, answers, strict=True)
    )
    return 100 * right / len(asked)


def _fill(section: Category, author: User) -> None:
    """Articles of the same shop's words and of words of their own, in an order that answers nothing."""
    now = clock.now()
    for language in ("en", "fr"):
        words = [word for one in _rows(language) for word in one.body.split()]
        chance = random.Random(language)
        own = ["".join(chance.choice(pair) for pair in ("bcdfgklmnprstv", "aeiou") * 3) for _ in range(8_000)]
        weights = [1 / (place + 2) for place in range(len(own))]
        made = []
        for number in range((MANY - Article.objects.count()) // (2 if language == "en" else 1)):
            title = " ".join([*chance.choices(words, k=2), *chance.choices(own, weights, k=4)])
            body = "\n\n".join(
                " ".join(chance.choices(words, k=9) + chance.choices(own, weights, k=9)) for _ in range(10)
            )
            made.append(
                Article(
                    category=section,
                    language=language,
                    slug=f"filler-{number}",
                    title=title[:200],
                    body=body,
                    author=author,
                    status="published",
                    created_at=now,
                    updated_at=now,
                    published_at=now,
                    title_terms=search.analyse(title),
                    terms=search.analyse(f"{title}\n{body}"),
                )
            )
        Article.objects.bulk_create(made, batch_size=500)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _tell_among_many(language: str) -> None:
    """As the search page does it, passages and all; the vocabulary is read before, as by the first who asks."""
    vocabulary.forget()
    rows, asked = _rows(language), _questions(language)
    began = time.perf_counter()
    finding.search_for(asked[0][0], rows)
    first = 1000 * (time.perf_counter() - began)
    times, busy = [], []
    for text, _ in asked:
        began, worked = time.perf_counter(), time.process_time()
        finding.search_for(text, rows)
        times.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - worked))
    p95 = quantile(times, 0.95)
    where = f"articles {language}, {Article.objects.count():,}, {connection.vendor}"
    tell(
        Figure(f"{where}: p95", p95, "ms", quantile(times, 0.5), "median", "≤ 50 ms", p95 <= 50),
        Figure(
            f"{where}: p95 of its own work", quantile(busy, 0.95), "ms", quantile(busy, 0.5), "median", "none", True
        ),
        Figure(f"{where}: first question", first, "ms", p95, "p95", "none", True),
    )


def _answers() -> list[list[str]]:
    return [
        [slugs[pk] for pk in _best(_rows(language), text)]
        for language in ("en", "fr")
        for slugs in [_slugs(language)]
        for text, _ in _questions(language)[::7]
    ]


def _tell_alike() -> None:
    """The same on the other database, in a process of its own."""
    if "--alone" in sys.argv:
        sys.stdout.write(json.dumps({"answers": _answers()}) + "\n")
        return
    with tempfile.TemporaryDirectory() as var:
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        env = kept | {"GUICHET_VAR": var, "GUICHET_TEST_SHAPE": ""}
        command = [sys.executable, "-m", "tests.bench.articles", "--alone"]
        output = subprocess.run(command, env=env, check=True, stdout=subprocess.PIPE, text=True).stdout
    for one in _of_many(output):
        tell(one)
    theirs = next(json.loads(line)["answers"] for line in output.splitlines() if line.startswith('{"answers"'))
    mine = _answers()
    alike = 100 * sum(one == other for one, other in zip(mine, theirs, strict=True)) / len(mine)
    tell(Figure("articles: same first five, same order, both databases", alike, "%", 100, "all", "100 %", alike == 100))


def _of_many(output: str) -> Iterator[Figure]:
    lines = [line for line in output.splitlines() if line.startswith('{"name"')]
    yield from (one for one in read("\n".join(lines)) if ", sqlite" in one.name)


if __name__ == "__main__":
    main()
