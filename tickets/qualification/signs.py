"""Words that tell what kind of request this is and whether it is urgent. Pure data and one fast search for all of them.

Signs are folded (no accents, lower case); a trailing * stands for any ending. A hyphen in a text counts as a blank.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tickets.models.ticket import Kind

URGENT = "urgent"
_SIGNS: dict[str, str] = {
    Kind.COMPLAINT: (
        "complain*|unacceptable|disappoint*|angry|furious|scandal*|worst|terrible|awful|still not|still no|still nothing|"
        "still waiting|never arrived|never received|never again|refund*|money back|fed up|reclamation*|plainte*|"
        "inadmissible*|inacceptable*|decu*|scandaleu*|honteu*|colere|toujours pas|toujours rien|jamais recu*|"
        "jamais arrive*|rembours*|mecontent*|lamentable*|ras le bol|marre"
    ),
    Kind.ASSISTANCE: (
        "help|broken|does not work|doesnt work|doesn't work|doesn’t work|not working|error*|bug*|fail*|crash*|cannot|"
        "cant|can't|can’t|unable|stuck|problem*|issue*|repair*|fix|reset|damaged|aide*|panne*|casse|cassee|casses|"
        "cassees|ne marche|ne fonctionne|fonctionne pas|marche pas|erreur*|bloque*|impossible|probleme*|souci*|reparer|"
        "reparation*|depann*|abime*"
    ),
    Kind.INFORMATION: (
        "how do|how can|how much|how long|how many|what is|what are|when will|when does|when do|when is|where is|"
        "where can|do you|is it possible|could you tell|i would like to know|information*|question*|opening hours|price*|"
        "comment|combien|quand|quel*|est ce que|savoir|renseignement*|horaire*|tarif*|prix|possible de|proposez"
    ),
    URGENT: (
        "urgent*|asap|emergency|immediately|right now|danger*|on fire|caught fire|catch fire|smoke|smoking|burning|"
        "burned my|burned me|burned his|burned her|burned himself|burned herself|burned down|burned through|burnt my|"
        "burnt me|burnt his|burnt her|burnt himself|burnt herself|burnt down|burnt through|injur*|electric shock|"
        "urgence*|immediatement|tout de suite|en feu|prend feu|pris feu|prendre feu|incendie|fumee|me brul*|me suis brul*|"
        "m'est brul*|me est brul*|m'brul*|m' brul*|s'brul*|s'est brul*|se brul*|se est brul*|se suis brul*|m'a brul*|"
        "blesse|blessee|blessees|blesses|blessures|blessure|electrocut*"
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A sign in a folded text: what it speaks for, the sign itself, and where."""

    speaks_for: str
    sign: str
    start: int
    end: int


def find(folded: str) -> Iterator[Found]:
    """Every sign in a folded text, whole words only, in one pass."""
    for last, (length, entries) in _automaton().iter(folded):
        start = last - length + 1
        if start and _is_word(folded[start - 1]):
            continue
        end = last + 1
        for speaks_for, sign in entries:
            if sign[-1] != "*":
                if end == len(folded) or not _is_word(folded[end]):
                    yield Found(speaks_for, sign, start, end)
                continue
            while end < len(folded) and _is_word(folded[end]):
                end += 1
            yield Found(speaks_for, sign, start, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


@lru_cache(maxsize=1)
def _automaton() -> Any:
    import ahocorasick

    entries: dict[str, list[tuple[str, str]]] = {}
    for speaks_for, signs in _SIGNS.items():
        for sign in signs.split("|"):
            entries.setdefault(sign.rstrip("*"), []).append((str(speaks_for), sign))
    automaton = ahocorasick.Automaton()
    for literal, found in entries.items():
        automaton.add_word(literal, (len(literal), found))
    automaton.make_automaton()
    return automaton
