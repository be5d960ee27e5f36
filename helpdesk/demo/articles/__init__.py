"""The demo's help articles: one Markdown file for each subject and language."""

from __future__ import annotations

from pathlib import Path
from typing import cast

from helpdesk.demo.shapes import Article, Audience, Language

FOLDER = Path(__file__).parent


def load() -> tuple[Article, ...]:
    """Every article, by slug and then by language."""
    return tuple(read(path) for path in sorted(FOLDER.glob("*.md")))


def read(path: Path) -> Article:
    slug, language = path.stem.rsplit(".", 1)
    _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
    facts = dict(line.split(": ", 1) for line in front.splitlines())
    return Article(
        slug=slug,
        language=cast(Language, language),
        title=facts["title"],
        category=facts["category"],
        audience=cast(Audience, facts["audience"]),
        summary=facts["summary"],
        body=body.strip() + "\n",
    )
