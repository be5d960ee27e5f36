"""What somebody typed, as words to look for; whatever it holds (quotes, %, NUL, a whole mail), it is a question."""

from collections.abc import Iterable
from dataclasses import dataclass

from helpdesk.lib.search import analyser
from helpdesk.lib.search.vocabulary import Vocabulary

# Enough for the longest question; a pasted mail is judged by what it says first.
MAX_CHARS = 6_000
MAX_WORDS = 40
PREFIX_LETTERS = 3
# How many words of the vocabulary the beginning of a word may stand for
MAX_COMPLETIONS = 30


@dataclass(frozen=True, slots=True)
class Sought:
    """One word of a question: the terms that say the same, and those that it may be the beginning or a slip of."""

    word: str
    forms: tuple[str, ...]
    is_prefix: bool = False
    near: tuple[str, ...] = ()

    @property
    def terms(self) -> tuple[str, ...]:
        return (*self.forms, *self.near)


def telling_words(question: str, limit: int = MAX_WORDS) -> list[str]:
    """The distinct words that say what it is about; courtesies count only when nothing else is said."""
    found = dict.fromkeys(word for word in analyser.words(question[:MAX_CHARS]) if analyser.is_telling(word))
    return ([word for word in found if word not in analyser.POLITE] or list(found))[:limit]


def read(question: str, *, limit: int = MAX_WORDS, prefix: bool = True) -> list[Sought]:
    """The words of a question; the last one may be unfinished while the question does not end in a blank or a mark."""
    last = _unfinished(question) if prefix else ""
    # A lone 'not' may become 'notice'.
    found = telling_words(question, limit) or ([last] if last else [])
    return [Sought(word, analyser.forms(word), is_prefix=word == last) for word in found]


def _unfinished(question: str) -> str:
    """The last word while it may still grow, or ''."""
    last = analyser.words(question[-100:])[-1:] if question[-1:].isalnum() else []
    return last[0] if last and len(last[0]) >= PREFIX_LETTERS else ""


def with_slips(sought: Iterable[Sought], vocabulary: Vocabulary) -> list[Sought]:
    """Each word that the vocabulary does not know may also be its nearest known one."""
    return [_with_slip(one, vocabulary) for one in sought]


def _with_slip(one: Sought, vocabulary: Vocabulary) -> Sought:
    if vocabulary.knows(one.forms) or (one.is_prefix and vocabulary.completions(one.word, 1)):
        return one
    nearest = vocabulary.nearest(one.word)
    return Sought(one.word, one.forms, one.is_prefix, analyser.forms(nearest)) if nearest else one


def with_endings(sought: Iterable[Sought], vocabulary: Vocabulary) -> list[Sought]:
    """The unfinished word spelled out: every known word that begins so."""
    return [
        Sought(one.word, one.forms, one.is_prefix, (*one.near, *vocabulary.completions(one.word, MAX_COMPLETIONS)))
        if one.is_prefix
        else one
        for one in sought
    ]
