"""Understand a request from its words: language, kind, priority. Pure: no database, no rule of the administrator."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpdesk.lib import text
from tickets.models.ticket import Kind, Priority

LANGUAGES = ("en", "fr")

# Folded stems with a trailing * or whole words; the first kind with the most hits wins, complaints outweighing.
_SIGNS: dict[str, str] = {
    Kind.COMPLAINT: (
        r"complain\w*|unacceptable|disappoint\w*|angry|furious|scandal\w*|worst|terrible|awful|still (?:not|no|nothing|"
        r"waiting)|never (?:arrived|received|again)|refund\w*|money back|fed up|reclamation\w*|plainte\w*|inadmissible\w*|"
        r"inacceptable\w*|decu\w*|scandaleu\w*|honteu\w*|colere|toujours (?:pas|rien)|jamais (?:recu|arrive)\w*|"
        r"rembours\w*|mecontent\w*|lamentable\w*|ras le bol|marre"
    ),
    Kind.ASSISTANCE: (
        r"help|broken|does ?n.?t work|not working|error\w*|bug\w*|fail\w*|crash\w*|cannot|can.?t|unable|stuck|problem\w*|"
        r"issue\w*|repair\w*|fix|reset|damaged|aide\w*|aider|panne\w*|cassee?s?|ne (?:marche|fonctionne)|fonctionne pas|"
        r"marche pas|erreur\w*|bloque\w*|impossible|probleme\w*|souci\w*|reparer|reparation\w*|depann\w*|abime\w*"
    ),
    Kind.INFORMATION: (
        r"how (?:do|can|much|long|many)|what (?:is|are)|when (?:will|does|do|is)|where (?:is|can)|do you|is it possible|"
        r"could you tell|i would like to know|information\w*|question\w*|opening hours|price\w*|comment|combien|quand|"
        r"quel\w*|est ce que|savoir|renseignement\w*|horaire\w*|tarif\w*|prix|possible de|proposez"
    ),
}
_URGENT = (
    r"urgent\w*|asap|emergency|immediately|right now|danger\w*|(?:on|caught|catch) fire|smok(?:e|ing)|burning|"
    r"burn(?:ed|t) (?:my|me|his|her|himself|herself|down|through)|injur\w*|electric shock|urgence\w*|immediatement|"
    r"tout de suite|(?:en|prend|pris|prendre) feu|incendie|fumee|(?:me|m'|s'|se) ?(?:suis |est )?brul\w*|bless(?:e|ee|es|ure)s?|"
    r"electrocut\w*"
)


@dataclass(frozen=True, slots=True)
class Qualification:
    """What the words say; `language` '' and `kind` None when they say nothing."""

    language: str
    kind: str | None
    priority: int


@lru_cache(maxsize=16)
def _pattern(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{alternatives})\b")


def qualify(subject: str, body: str, *, locale: str = "") -> Qualification:
    """Qualify a request; `locale` is the customer's known language and decides where the text is too short to tell."""
    folded = text.fold(f"{subject}\n{body}"[:20_000]).replace("-", " ")
    return Qualification(
        language=detect_language(f"{subject} {body}", prior=locale),
        kind=_kind(folded),
        priority=Priority.HIGH if _pattern(_URGENT).search(folded) else Priority.NORMAL,
    )


def _kind(folded: str) -> str | None:
    weights = {Kind.COMPLAINT: 1.5, Kind.ASSISTANCE: 1.2, Kind.INFORMATION: 1.0}
    scores = {kind: weights[Kind(kind)] * len(set(_pattern(signs).findall(folded))) for kind, signs in _SIGNS.items()}
    best = max(scores, key=lambda kind: scores[kind])
    return str(best) if scores[best] else None


def detect_language(source: str, *, prior: str = "") -> str:
    """'en' or 'fr'. Single words are often misjudged, so a known language decides below five words."""
    words = source.split()
    if len(words) < 5 and prior in LANGUAGES:
        return prior
    if not words:
        return ""
    language, _score = _identifier().classify(source[:2000])
    return str(language)


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.7 s to load: on first use only

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
