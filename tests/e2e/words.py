"""The words on the screens, from the product's own catalogues: a test names them by key, in the reader's language."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages import pofile

from tests.e2e.product import HOME


@dataclass(frozen=True)
class Words:
    """One app's words in one language: `fr("ticket.solvedSaid", number=12)`."""

    language: str
    catalogue: Mapping[str, Any]

    def __call__(self, key: str, **values: Any) -> str:
        found: Any = self.catalogue
        for part in key.split(".") if key not in self.catalogue else [key]:
            found = found[part]
        forms = str(found).split(" | ")
        several = values.get("count", 1) > 1 if self.language == "fr" else values.get("count", 1) != 1
        text = forms[-1] if several else forms[0]
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text


@cache
def console(language: str) -> Words:
    return _read(HOME / "frontend/console/app/locales", language)


@cache
def widget(language: str) -> Words:
    return _read(HOME / "frontend/widget/app/locales", language)


def _read(folder: Path, language: str) -> Words:
    files = [folder / f"{language}.json", *sorted(folder.glob(f"*/{language}.json"))]
    return Words(language, {key: words for file in files for key, words in json.loads(file.read_text()).items()})


@cache
def pages(language: str) -> Words:
    """The customer's pages: the key is the English itself."""
    found: dict[str, str] = {}
    for path in HOME.glob(f"*/locale/{language}/LC_MESSAGES/django.po"):
        with path.open("rb") as file:
            found |= {
                str(row.id): str(row.string) for row in pofile.read_po(file) if isinstance(row.id, str) and row.id
            }
    return _Pages(language, found)


class _Pages(Words):
    def __call__(self, key: str, **values: Any) -> str:
        return (self.catalogue.get(key) or key) % values
