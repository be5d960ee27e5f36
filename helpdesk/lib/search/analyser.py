"""Text to search terms: fold accents, stem French and English, the same for both databases.

Each word yields its English and its French stem, so that nobody need know the language of a text or of a question.
"""

import re
from functools import lru_cache

import snowballstemmer

from helpdesk.lib import text

_WORD = re.compile(r"[0-9a-z]+")
_ELISION = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu)'")
_english = snowballstemmer.stemmer("english")
_french = snowballstemmer.stemmer("french")

STOP = frozenset(
    "a an and are as at be but by can do for from has have how i if in is it me my not of on or so that the this to was "
    "we what when where which who why will with you your au aux avec ce ces cette comment dans de des du elle en est et "
    "eux il ils je la le les leur lui ma mais mes moi mon ne nos notre nous on ou par pas pour qu que qui sa se ses son "
    "sur ta te tes toi ton tu un une vos votre vous".split()
)


@lru_cache(maxsize=50_000)
def stems(word: str) -> tuple[str, ...]:
    """The distinct stems of a folded word. A plural s or x is cut first: Snowball stems 'connexions' unlike 'connexion'."""
    if any(character.isdigit() for character in word):
        return (word,)
    singular = word[:-1] if len(word) > 4 and word[-1] in "sx" and word[-2] not in "su" else word
    return tuple(dict.fromkeys((_english.stemWord(singular), _french.stemWord(singular))))


def words(source: str) -> list[str]:
    """The folded words of a text, in order; elided articles (l', qu') are dropped."""
    return _WORD.findall(_ELISION.sub(" ", text.fold(source)))


def analyse(source: str) -> str:
    """What is stored for the index: every word's stems, separated by spaces."""
    return " ".join(stem for word in words(source) for stem in stems(word))
