"""Text as numbers for the linear models: folded words, pairs of words and pieces of words, each as a 32-bit hash.

Hashes instead of a vocabulary: a stored model holds no words of any customer.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from helpdesk.lib import text

Ids = NDArray[np.uint32]
Values = NDArray[np.float32]

# What a request is about is said in its first lines.
MAX_CHARS, MAX_WORDS = 4_000, 400
WORD = re.compile(r"\w+(?:['’]\w+)?|[€$£%?!]")
_SHORTEST, _LONGEST = 2, 5


def words(source: str) -> list[str]:
    """The folded words of a text, numbers as their length: which order it was does not tell what is asked."""
    found = WORD.findall(text.fold(source[:MAX_CHARS]))[:MAX_WORDS]
    return [f"0{len(word)}" if word.isdigit() else word for word in found]


def of_words(found: list[str]) -> list[int]:
    """Hashes of single words and of neighbours."""
    ids = [crc32(f"w {word}".encode()) for word in found]
    ids += [crc32(f"p {first} {second}".encode()) for first, second in pairwise(found)]
    return ids


@lru_cache(maxsize=50_000)
def of_pieces(word: str) -> tuple[int, ...]:
    """Hashes of the pieces of one word between blanks, two to five letters long: a slip spoils only some of them."""
    padded = f" {word} ".encode()
    return tuple(
        crc32(padded[start : start + length], 7)
        for length in range(_SHORTEST, min(_LONGEST, len(padded)) + 1)
        for start in range(len(padded) - length + 1)
    )


def count(ids: list[int]) -> tuple[Ids, Values]:
    """Distinct hashes in order, with damped counts (1 + ln n)."""
    unique, counts = np.unique(np.asarray(ids, dtype=np.uint32), return_counts=True)
    return unique, (1 + np.log(counts)).astype(np.float32)


def blocks(source: str, extra: Sequence[str] = (), *, pieces: bool = True) -> list[tuple[Ids, Values]]:
    """A text as one block of word hashes and, for questions, one of piece hashes; `extra` are words beside it."""
    found = words(source)
    result = [count([*of_words(found), *(crc32(f"w {word}".encode()) for word in extra)])]
    if pieces:
        result.append(count([one for word in found for one in of_pieces(word)]))
    return result
