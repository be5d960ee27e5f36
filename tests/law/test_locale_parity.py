"""Whatever a page, a mail or an error says in English, it says in French."""

import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages import pofile
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

from tests.law import files

KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), (1,)),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
Key = tuple[str | None, str]  # context, English


@pytest.mark.parametrize("room", files.PYTHON_ROOMS)
def test_every_sentence_has_a_french_twin(room: str) -> None:
    french = {key for name in files.PYTHON_ROOMS for key, texts in _french(name).items() if all(texts)}
    missing = {key: where for key, where in _english(room).items() if key not in french}
    assert missing == {}


@pytest.mark.parametrize("room", files.PYTHON_ROOMS)
def test_french_fills_the_same_placeholders(room: str) -> None:
    differing = [
        (english, text)
        for (_context, english), texts in _french(room).items()
        for text in texts
        # a singular may leave its number out
        if len(texts) == 1 and sorted(PLACEHOLDER.findall(english)) != sorted(PLACEHOLDER.findall(text))
    ]
    assert differing == []


@pytest.mark.parametrize("room", files.PYTHON_ROOMS)
def test_no_translation_is_left_for_sentences_nobody_says(room: str) -> None:
    said = {key for name in files.PYTHON_ROOMS for key in _english(name)}
    assert [key for key in _french(room) if key not in said] == []


def _english(room: str) -> dict[Key, str]:
    """Every translatable sentence of a room's Python and templates, and one place where it stands."""
    found: dict[Key, str] = {}
    for path in files.committed(f"{room}/*.py", f"{room}/*.html", f"{room}/*.txt"):
        if "migrations" in path.parts:
            continue
        source = path.read_text()
        code = source if path.suffix == ".py" else templatize(source, origin=str(path))
        for line, function, messages, _comments in extract_python(
            io.BytesIO(code.encode()), KEYWORDS, [], {"encoding": "utf-8"}
        ):
            if key := _key(str(function), messages):
                found.setdefault(key, f"{path.relative_to(files.HOME)}:{line}")
    return found


def _key(function: str, messages: str | Sequence[str | None] | None) -> Key | None:
    words = [messages] if isinstance(messages, str) else [word for word in messages or () if isinstance(word, str)]
    if not words:
        return None
    return (words[0], words[1]) if "pgettext" in function else (None, words[0])


def _french(room: str) -> dict[Key, tuple[str, ...]]:
    entries: dict[Key, tuple[str, ...]] = {}
    for path in sorted((files.HOME / room).rglob("locale/fr/LC_MESSAGES/django.po")):
        for message in _catalogue(path):
            if message.id:
                english, french = message.id, message.string
                one = english if isinstance(english, str) else english[0]
                assert not message.fuzzy, f"{path}: {one!r} is marked fuzzy"
                entries[message.context, one] = (french,) if isinstance(french, str) else tuple(french or ())
    return entries


def _catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return pofile.read_po(file, locale="fr", abort_invalid=True)
