"""Signs of spam that need no learning: what the mail looks like and what it sells. Pure."""

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from helpdesk.lib import text
from tickets.qualification.lexicon import Found, Lexicon

LEXICON = Lexicon(
    {
        "offer": (
            "guest post*|backlink*|link building|seo service*|seo package*|seo audit|first page of google|"
            "rank your website|boost your ranking|increase your traffic|website redesign|web design service*|"
            "mobile app development|lead generation|email list*|bulk email*|"
            "referencement naturel|premiere page de google|creation de site*|visibilite sur google|fichier prospect*|"
            "article sponsorise*"
        ),
        "money": (
            "lottery|jackpot|you have won|you won|claim your prize|inheritance|next of kin|beneficiary|million dollars|"
            "million usd|wire transfer fee|business proposal|investment opportunity|crypto investment|bitcoin|forex|"
            "guaranteed return*|double your|passive income|work from home|quick loan|loan offer|binary option*|"
            "vous avez gagne|loterie|heritage|heritier|beneficiaire|million d'euros|millions d'euros|"
            "opportunite d'investissement|investissement crypto|revenus passifs|gagnez de l'argent|pret rapide|offre de pret|"
            "credit rapide"
        ),
        "goods": (
            "viagra|cialis|levitra|weight loss|lose weight|male enhancement|cbd gummies|replica watch*|rolex|casino|"
            "online betting|free spins|sexy|hot singles|dating site*|cheap meds|online pharmacy|"
            "perdre du poids|minceur|pharmacie en ligne|casino en ligne|paris sportifs|tours gratuits|site de rencontre*|"
            "rencontres coquines|montres de luxe"
        ),
        "lure": (
            "act now|limited time|click here|click below|click the link|unsubscribe|opt out|100% free|risk free|"
            "no obligation|verify your account|account suspended|account will be closed|confirm your identity|"
            "update your payment|password expires|mailbox is full|mailbox quota|unusual sign in|dear friend|dear beneficiary|"
            "dear sir/madam|dear webmaster|dear website owner|"
            "agissez maintenant|offre limitee|cliquez ici|cliquez sur le lien|se desabonner|desinscri*|sans engagement|"
            "100% gratuit|verifiez votre compte|compte suspendu|compte sera ferme|confirmez votre identite|"
            "mettez a jour vos|boite de reception est pleine|cher ami|chere amie|cher beneficiaire"
        ),
    }
)
_URL = re.compile(r"\b(?:https?://|www\.)([^\s/<>\"')\]]+)", re.IGNORECASE)
_SHORTENER = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|cutt\.ly|is\.gd|rb\.gy|shorturl\.at|ow\.ly|rebrand\.ly)/", re.I
)
_CHEAP = re.compile(r"\.(?:xyz|top|click|loan|win|bid|icu|cyou|buzz|monster|gq|tk|ml|cf)\b", re.IGNORECASE)
_AMOUNT = re.compile(r"[$€£]\s?\d[\d,. ]{3,}|\d[\d,. ]{3,}\s?(?:[$€£]|usd|eur\b|euros|dollars)", re.IGNORECASE)
_HIDDEN = re.compile(r"display:\s*none|font-size:\s*[01]px|visibility:\s*hidden", re.IGNORECASE)
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_OTHER_ALPHABETS = re.compile("[\u0370-\u03ff\u0400-\u04ff]")
_LOOKED_AT = 6_000
# What speaks against: without any sign a message is next to certainly none.
BASE = -5.0


class Sign(NamedTuple):
    """One sign: a code, what it weighs, and the words in which it was found."""

    code: str
    weight: float
    words: tuple[Found, ...] = ()


LABELS = {
    "offer": _("Offers services to website owners"),
    "money": _("Promises money"),
    "goods": _("Advertises what spam advertises"),
    "lure": _("Urges to click"),
    "links": _("Many links"),
    "shortener": _("Shortened links"),
    "cheap_domain": _("Links to throw-away domains"),
    "capitals": _("Subject in capitals"),
    "amount": _("Large sums"),
    "hidden": _("Hidden text"),
    "disguised": _("Disguised letters"),
    "failed_sender": _("The sender check failed"),
    "learned": _("Looks like what was marked as spam"),
}


def find(subject: str, body: str, *, html: str = "", trust: str = "") -> list[Sign]:
    """The signs in a message; several words of one kind weigh more than one, not without end."""
    source = f"{subject}\n{body[:_LOOKED_AT]}"
    folded = text.fold(source)
    by_kind: dict[str, dict[str, Found]] = {}
    for found in LEXICON.find(folded.replace("-", " ")):
        by_kind.setdefault(found.speaks_for, {}).setdefault(found.sign, found)
    signs = [Sign(kind, min(1.6 * len(words), 4.0), tuple(words.values())) for kind, words in by_kind.items()]
    signs += [Sign(code, weight) for code, weight in _looks(subject, source, html, trust) if weight]
    return signs


def score(signs: Sequence[Sign]) -> float:
    """How much signs alone look like spam, from 0 to 1: one or two never reach a limit."""
    return 1 / (1 + math.exp(-(BASE + sum(sign.weight for sign in signs))))


def _looks(subject: str, source: str, html: str, trust: str) -> list[tuple[str, float]]:
    links = len(_URL.findall(source)) if "://" in source or "www." in source.lower() else 0
    capitals = sum(c.isupper() for c in subject)
    return [
        ("links", min(0.3 * (links - 2), 1.5) if links > 2 else 0),
        ("shortener", 1.2 if links and _SHORTENER.search(source) else 0),
        ("cheap_domain", 1.2 if links and _CHEAP.search(source) else 0),
        ("capitals", 1.0 if capitals > 8 and capitals > 0.7 * sum(c.isalpha() for c in subject) else 0),
        ("amount", 0.8 if _AMOUNT.search(source) else 0),
        ("hidden", 1.0 if html and _HIDDEN.search(html[:20_000]) else 0),
        ("disguised", 1.6 if not source.isascii() and _is_disguised(source) else 0),
        ("failed_sender", 1.2 if trust == "failed" else 0),
    ]


def _is_disguised(source: str) -> bool:
    """Words of mixed alphabets, or letters kept apart by what nobody sees."""
    if len(_INVISIBLE.findall(source)) > 3:
        return True
    if not _OTHER_ALPHABETS.search(source):
        return False
    for word in re.findall(r"\w{4,}", source[:2_000]):
        if not word.isascii():
            scripts = {unicodedata.name(c, "?").split(" ")[0] for c in word if c.isalpha()}
            if {"LATIN", "CYRILLIC"} <= scripts or {"LATIN", "GREEK"} <= scripts:
                return True
    return False
