"""Text to search terms: fold accents, stem French and English, the same for both databases.

Each word yields itself, its English and its French stem, so that nobody need know the language of a text or of a
question, and so that the beginning of a word finds it while it is being typed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from helpdesk.lib import text

_WORD = re.compile(r"[^\W_]+")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'(?=\w)")
_POSSESSIVE = re.compile(r"(?<=\w)'(?:s|t|d|m|ll|re|ve)\b")
_MAX_WORD = 40
# A tsvector holds at most 1 MB; whatever comes behind these bytes of terms is not searched.
_MAX_BYTES = 200_000
_english = snowballstemmer.stemmer("english")
_french = snowballstemmer.stemmer("french")

STOP = frozenset(
    "a about after all also am an and any are as at be because been before but by can could did do does for from get "
    "had has have he her here him his how i if in into is it its just me my no not of off on or our out over she so "
    "some such than that the their them then there these they this those to too up us was we were what when where "
    "which while who why will with without would yet you your "
    "afin ai ainsi alors apres as assez au aucun aussi autre aux avaient avais avait avant avec avez avoir avons bien "
    "ca ce ceci cela celle celui ces cet cette ceux chaque chez ci combien comme comment dans de deja des depuis "
    "dois doit donc dont du elle elles en encore entre es est et etaient etais etait etant ete etes etre eu eux faire "
    "fait faut ici il ils j je la le les leur leurs lui ma mais me meme mes moi moins mon ne ni non nos notre nous on "
    "ont ou oui par parce pas peu peut peuvent peux plus plutot pour pourquoi pouvez pouvoir pouvons pres puis puisque "
    "quand que quel quelle quelles quels qui quoi sa sans se sera ses si soit sont souvent sous suis sur ta te tes "
    "toi ton toujours tous tout toute toutes tres trop tu un une va vais vers veut veux voici voila vos votre voudrais "
    "voulez vous y".split()
)
"""Words that say nothing about a subject: neither stored nor asked for."""
POLITE = frozenset(
    "hello hi dear thank thanks please regards help want need know question tell wish like still already really two "
    "three something anything nothing one day days week weeks "
    "bonjour bonsoir salut madame monsieur merci cordialement svp aide aider besoin savoir question probleme dire "
    "souhaite souhaiterais aimerais avance rien chose quelque deux trois jour jours semaine semaines".split()
)
"""Words of a letter: stored, but a question that says more is not judged by them."""


def words(source: str) -> list[str]:
    """The folded words of a text, in order; elided articles (l', qu') and single letters are dropped."""
    return [word.lower()[:_MAX_WORD] for word in _WORD.findall(_plain(text.fold(source)))]


def is_telling(word: str) -> bool:
    """Whether a folded word says something about a subject."""
    return word not in STOP and (len(word) > 1 or word.isdigit())


@lru_cache(maxsize=50_000)
def forms(word: str) -> tuple[str, ...]:
    """The folded word and its distinct stems; equal words of any number and gender share at least one."""
    if any(character.isdigit() for character in word):
        return (word,)
    found = [word]
    for candidate in _candidates(word):
        found += [_english.stemWord(candidate), _french.stemWord(candidate)]
    return tuple(dict.fromkeys(found))


def _candidates(word: str) -> Iterator[str]:
    """The word, its singular and its masculine: Snowball stems 'connexions' unlike 'connexion', 'pneus' unlike 'pneu'."""
    yield word
    singular = word[:-1] if len(word) > 3 and word[-1] in "sx" and word[-2] != "s" else word
    if singular != word:
        yield singular
    if len(singular) > 4 and singular.endswith("ee"):
        yield singular[:-1]


def analyse(source: str) -> str:
    """What is stored for the index: every telling word with its stems, separated by spaces."""
    found = [_stored(word[:_MAX_WORD]) for word in _WORD.findall(_plain(text.fold(source)))]
    terms = " ".join(filter(None, found))
    return terms if len(terms.encode()) < _MAX_BYTES else _cut(found)


@lru_cache(maxsize=50_000)
def _stored(word: str) -> str:
    """A folded word with its stems; '' when it says nothing."""
    word = word.lower()
    return " ".join(forms(word)) if is_telling(word) else ""


def _cut(found: list[str]) -> str:
    kept, size = [], 0
    for terms in filter(None, found):
        size += len(terms.encode()) + 1
        if size > _MAX_BYTES:
            break
        kept.append(terms)
    return " ".join(kept)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a word stands in a text that is shown to somebody."""

    start: int
    end: int
    word: str


def places(source: str) -> list[Place]:
    """The telling words of a text with their offsets in it."""
    folded = text.fold_with_offsets(source)
    return [Place(*folded.span(start, end), word) for start, end, word in _words(folded.text) if is_telling(word)]


def _words(folded: str) -> Iterator[tuple[int, int, str]]:
    for match in _WORD.finditer(_plain(folded)):
        yield match.start(), match.end(), match.group().lower()[:_MAX_WORD]


def _plain(folded: str) -> str:
    """Without elided articles and possessives: blanks of the same length, so that offsets stay true."""
    return _POSSESSIVE.sub(_blank, _ELISION.sub(_blank, folded)) if "'" in folded else folded


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())
