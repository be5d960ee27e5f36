# ruff: noqa: E501 (tables of phrases keep their lines)
"""Signatures at the end of a mail: folded only when every line of them looks like one."""

import re

from tickets.channels import email_marks

MAX_SIGNATURE = 32
MAX_CARD = 20
MAX_MARKED = 40
# Words above, for lines that have none of their own above them
_STAND_IN = "x"

_DELIMITER = re.compile(r"^(?:-- ?|—|–|_{2,5})$")
_RULE = re.compile(r"^[-_*=–—]{3,80}$")
_TRUE_DELIMITER = "-- "
_PHONE_LINE = re.compile(
    r"^[\s>]*(?:sent (?:from|via|with|using) (?:my|an?|the|outlook|mail for|mailbox|yahoo|samsung|proton|gmail|bluemail|hey|aol|spark|airmail|tutanota|zimbra)\b.{0,80}"
    r"|sent from .{1,20}(?:phone|pad|android|mobile|mail)\b.{0,60}|get (?:outlook|bluemail|typeapp|spark) for .{0,80}"
    r"|envoy[ée] (?:de|depuis|[àa] partir de|avec|via|par) (?:mon|ma|un|une|outlook|yahoo|l.application|l.appli|l.adresse|la messagerie|proton|courrier|samsung|orange|gmail|mail|iphone|ipad|bluemail)\b.{0,80}"
    r"|(?:t[ée]l[ée]charge[rz]|obtene[rz]|obtenir) (?:outlook|bluemail) pour.{0,80}|provenance\s*:\s*courrier pour windows.{0,40}"
    r"|(?:diese (?:nachricht|e-?mail|mail) wurde )?von meine[mr]?\S* .{1,60} gesendet.{0,40}|von (?:meinem|outlook|yahoo|samsung|unterwegs) .{0,60}gesendet.{0,20}"
    r"|gesendet (?:von|mit|aus|[üu]ber) .{0,80}|outlook f[üu]r (?:ios|android|mac).{0,80}|holen sie sich outlook.{0,80}|(?:von )?mobil gesendet.{0,20}"
    r"|enviado desde (?:mi|outlook|yahoo|el) .{0,60}|inviato da(?:l)? .{0,60}|verstuurd vanaf .{0,60}|enviado do meu .{0,40}|skickat från .{0,40}|sendt fra .{0,40}"
    r"|(?:virus-free|garanti sans virus|sans virus|virenfrei|libre de virus)\.?.{0,80}"
    r"|l.absence de virus dans ce (?:courrier|message).{0,120}|diese e-?mail wurde (?:von avast|auf viren).{0,120}|this e-?mail has been (?:checked|scanned) for viruses.{0,120})\s*$",
    re.IGNORECASE,
)
# Closings, one by one: "Danke und viele Grüße" is two of them
_CLOSING = re.compile(
    r"(?:(?:bien |tr[èe]s )?cordialement(?: vôtre)?(?: [àa] (?:vous|toi|tous|toutes))?|(?:mes |nos )?(?:sinc[èe]res |meilleures |cordiales |respectueuses |bonnes )?salutations(?: distingu[ée]es| cordiales| respectueuses| les meilleures)?"
    r"|bien [àa] (?:vous|toi)|[àa] vous|respectueusement|amicalement|amiti[ée]s|sinc[èe]rement|cdlt|cdt|bav|bien sinc[èe]rement|avec mes (?:meilleures |sinc[èe]res )?salutations"
    r"|(?:tr[èe]s )?(?:bonne|belle|excellente) (?:journ[ée]e|soir[ée]e|fin de (?:journ[ée]e|semaine)|semaine|r[ée]ception|continuation|apr[èe]s-midi)(?: [àa] (?:vous|toi|tous))?|bon (?:week-?end|apr[èe]s-midi)"
    r"|(?:kind(?:est)?|best|warm(?:est)?|many|with (?:kind|best|warm)|cordial|friendly)? ?regards|best(?: wishes)?|all the best|sincerely(?: yours)?|respectfully(?: yours)?|yours|take care"
    r"|yours (?:sincerely|faithfully|truly)|very truly yours|cheers|br|rgds|kr|have a (?:nice|great|good) (?:day|weekend|evening|one)"
    r"|mit (?:den )?(?:besten|freundlichen|freundlichem|herzlichen|lieben|vielen|sch[öo]nen) (?:gr[üu]e?(?:ß|ss)en?|gru(?:ß|ss))|hochachtungsvoll|mit vorz[üu]glicher hochachtung|mit freundl\. gr[üu](?:ß|ss)en"
    r"|(?:ganz )?(?:viele|beste|liebe|freundliche|herzliche|sch[öo]ne|sonnige)? ?gr[üu]e?(?:ß|ss)e|(?:lieben|besten|sch[öo]nen|freundlichen|herzlichen)? ?gru(?:ß|ss)|freundlich gr[üu](?:ß|ss)t"
    r"|mfg|m\.f\.g\.|mfg\.|lg|vg|bg|hg|gr|sch[öo]nen (?:tag|abend)(?: noch)?|sch[öo]nes wochenende|saludos|un saludo|saludos cordiales|cordiali saluti|distinti saluti|met vriendelijke groet(?:en)?|mvh|atentamente|atenciosamente)"
    r"(?: aus [\w .-]{2,30}| from [\w .-]{2,30})?",
    re.IGNORECASE,
)
# Words of thanks close a mail only above a name
_THANKS = re.compile(
    r"(?:(?:thanks|thank you)(?: (?:very much|so much|a lot|again))?(?: in advance| for your (?:help|time|support))?|many thanks|with thanks|thx|merci(?: beaucoup| bien)?(?: (?:d.avance|par avance|de votre (?:aide|retour)|pour (?:votre|ton) (?:aide|retour)))?"
    r"|d.avance,? merci|par avance,? merci|(?:en )?vous remerciant(?: (?:d.avance|par avance))?|avec mes remerciements|en vous remerciant .{0,40}"
    r"|(?:vielen|besten|herzlichen|lieben|sch[öo]nen|mit bestem|tausend) dank(?: im voraus| vorab)?|danke(?: sch[öo]n| sehr)?(?: im voraus| vorab)?)",
    re.IGNORECASE,
)
# Closings that nothing else begins with: a name may follow in the same line
_CLOSING_AND_NAME = re.compile(
    r"(?:(?:bien |tr[èe]s )?cordialement|cdlt\.?|salutations|bien [àa] vous|(?:kind(?:est)?|best|warm) regards|regards|sincerely|cheers"
    r"|(?:mit )?(?:viele|beste|liebe|freundliche|herzliche|sch[öo]ne)n? gr[üu](?:ß|ss)en?|gru(?:ß|ss)|gr[üu](?:ß|ss)e|mfg|lg|vg)[\s,.!–-]{1,3}"
    r"(?P<name>(?:[^\W\d_][\w'’.-]*\.?\s*){1,4})",
    re.IGNORECASE,
)
_AGREE = re.compile(
    r"^\s*(?:je vous prie (?:d.agr[ée]er|de (?:croire|recevoir|bien vouloir agr[ée]er))|(?:veuillez|nous vous prions d.) ?(?:agr[ée]er|recevoir|croire))\b.{0,200}$",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*(?:[,;&/+]|\bund\b|\band\b|\bet\b|\by\b)\s*", re.IGNORECASE)
_POSTSCRIPT = re.compile(r"^\s*(?:p\.? ?s\.?(?:\W|$)|p\.?p\.?s\b|n\.? ?b\.?\s*:|nachtrag\b|edit\s*:)", re.IGNORECASE)
_DISCLAIMER = re.compile(
    r"^[\s*_>-]*(?:(?:important |confidentiality |legal |privacy )(?:notice|note|disclaimer)\b|disclaimer\s*:|confidential(?:ity)?\s*:"
    r"|this (?:e-?mail|message|communication|email message)(?: \(?(?:and|including|together with)\b[^.]{0,80})? (?:is|are|may|contains?|has been sent)\b.{0,60}"
    r"(?:confidential|privileged|intended|solely)|the (?:information|contents?) (?:contained )?(?:in|of) this (?:e-?mail|message|communication)\b"
    r"|(?:please )?(?:consider|think (?:of|about)) the environment|if you (?:are not|have received) (?:the intended|this (?:e-?mail|message)).{0,40}(?:recipient|error)"
    r"|ce (?:message|mail|courriel|courrier)(?: [ée]lectronique)?(?:,? (?:et|ainsi que)\b[^.]{0,80})?(?: est| sont| contient| peut| peuvent|,).{0,100}"
    r"(?:confidenti|exclusi|destin|personnel)|les informations contenues dans ce (?:message|mail|courriel)|avis de confidentialit[ée]|(?:merci de )?pensez? [àa] l.environnement"
    r"|avant d.imprimer|n.imprimez (?:ce|cet)|si vous n.[êe]tes pas (?:le|la) destinataire|si vous recevez ce (?:message|mail) par erreur"
    r"|diese (?:e-?mail|nachricht)(?: und\b[^.]{0,80})? (?:ist|enth[äa]lt|sind|kann).{0,80}(?:vertraulich|ausschlie|bestimmt|rechtlich)|vertraulichkeitshinweis"
    r"|(?:bitte )?(?:denken sie|pr[üu]fen sie|bedenken sie).{0,60}(?:umwelt|ausdruck|drucken)|der inhalt dieser (?:e-?mail|nachricht)|wenn sie nicht der (?:richtige|beabsichtigte) (?:adressat|empf[äa]nger))",
    re.IGNORECASE,
)
# A line that says something about the matter is no visiting card
_MATTER = re.compile(
    r"\b(?:client|kunden?|customer|commande|bestell\w*|order|facture|rechnungs?\w*|invoice|contrat|vertrag\w*|contract|dossier|ticket|r[ée]f(?:[ée]rence)?"
    r"|s[ée]rie|serial|seriennummer|num[ée]ro de|iban|suivi|tracking|colis|paket|sendung\w*|mot de passe|passwor[dt]|kennwort)\b",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"\b(?:below|following (?:address|number)|ci-dessous|ci-apr[èe]s|suivante? ?:|adresse suivante|num[ée]ro suivant|unten|untenstehend\w*|folgende\w* (?:adresse|nummer|anschrift))\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    r"\b(?:call|ring|phone) (?:me|us)\b|\bcall\b.{0,20}\bback\b|\b(?:r?appel\w*|joindre|contacter)\b.{0,30}\b(?:moi|me|m.)|\b(?:me|m.) ?(?:r?appel\w*|joindre)|\b(?:zur[üu]ckrufen|anrufen|r[üu]ckruf|erreichen sie mich)\b|\brufen sie\b",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"(?:\+|\b0)\d(?:[ ().\u00a0/-]{0,2}\d){6,14}")
# Numbers that are no telephone's and no postcode's: what was asked for, sent below a word of thanks
_CODE = re.compile(r"^(?:[A-Z]{1,4}[ :-]{0,2})?(?=[\w/-]*\d{3})[\w]*(?:[-/][\w]+)*$|^#?\d{3,}$")
_SENTENCE_WORD = re.compile(
    r"\b(?:je|j.ai|nous|vous|pouvez|pourriez|merci de|svp|est|sont|pas|ne|i|i.m|i.ve|you|we|please|can|could|is|are|not|don.t|ich|wir|sie|bitte|k[öo]nnen|ist|sind|nicht|habe|haben)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"(?:\+|00)\d[\d ().-]{6,}|\b0\d(?:[ .-]?\d{2}){4}\b|\b(?:t[ée]l|phone|mobile?|fax|handy|port|gsm|fon|cell)\b\.?\s*:?|www\.|https?://|[^\s@]+@[^\s@]+\.\w",
    re.IGNORECASE,
)


def without(lines: list[str], *, may_be_all: bool = False) -> list[str]:
    """The lines without the signature at their end; all of them when that would leave no word.

    `may_be_all` says that there are other words: then nothing but a signature is a signature.
    """
    if may_be_all:
        return without([_STAND_IN, *lines])[1:]
    lines = _without_marked(lines)
    before = -1
    while len(lines) != before:
        before = len(lines)
        lines = _without_disclaimer(_without_phone_lines(_without_blank_end(lines)))
    lines = _without_card(lines)
    return _without_blank_end(_without_phone_lines(lines))


def _without_marked(lines: list[str]) -> list[str]:
    """Take out what HTML says is a signature, when it reads like one: people type into that box too."""
    kept: list[str] = []
    inside: list[str] | None = None
    for line in lines:
        if line == email_marks.SIGNATURE_OPENS and inside is None:
            inside = []
        elif line == email_marks.SIGNATURE_CLOSES and inside is not None:
            is_signature = len(inside) <= MAX_MARKED and _is_marked_signature(inside)
            kept.extend([] if is_signature else inside)
            inside = None
        elif not email_marks.is_mark(line):
            (kept if inside is None else inside).append(line)
    kept.extend(inside or [])
    return kept if _has_words(kept) else lines


def _is_marked_signature(lines: list[str]) -> bool:
    full = [line.strip() for line in lines if line.strip()]
    return not any("?" in line or (_SENTENCE_WORD.search(line) and _is_prose(line)) for line in full)


def _is_prose(line: str) -> bool:
    return not _DISCLAIMER.match(line) and not _PHONE_LINE.match(line[:300]) and not _CONTACT.search(line)


def _without_phone_lines(lines: list[str]) -> list[str]:
    while lines and len(lines[-1]) < 300 and _PHONE_LINE.match(lines[-1]) and _has_words(lines[:-1]):
        lines = _without_blank_end(lines[:-1])
    return lines


def _without_disclaimer(lines: list[str]) -> list[str]:
    """A last paragraph that lawyers wrote, and the line drawn above it."""
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    if 0 < start < len(lines) and _DISCLAIMER.match(lines[start][:600]) and _has_words(lines[:start]):
        kept = _without_blank_end(lines[:start])
        while kept and _RULE.match(kept[-1].strip()):
            kept = _without_blank_end(kept[:-1])
        return kept
    return lines


def _without_card(lines: list[str]) -> list[str]:
    cut = _card_cut(lines)
    return lines if len(cut) < len(lines) and _speaks_of_card(cut, lines[len(cut) :]) else cut


def _speaks_of_card(above: list[str], card: list[str]) -> bool:
    """Whether the words need what is below them: "deliver to the address below", "call me" without a number."""
    words = " ".join(above)[-3_000:]
    if _BELOW.search(words):
        return True
    asks_call = _CALL.search(words) and not _TELEPHONE.search(words)
    return bool(asks_call) and any(map(_TELEPHONE.search, card))


def _card_cut(lines: list[str]) -> list[str]:
    for index in range(max(1, len(lines) - MAX_SIGNATURE), len(lines)):
        line, below = lines[index], lines[index + 1 :]
        if not _has_words(lines[:index]) or any(_POSTSCRIPT.match(other) for other in below):
            continue
        if line == _TRUE_DELIMITER and not any("?" in other or _MATTER.search(other) for other in below):
            return _without_closing(lines[:index])
        if _DELIMITER.match(line.strip()) and _is_visiting_card(below):
            return _without_closing(lines[:index])
        if _RULE.match(line.strip()) and _is_visiting_card(below) and any(map(_CONTACT.search, below)):
            return _without_closing(lines[:index])
        if _closes(line, below) and _is_visiting_card(below):
            return _without_closing(lines[:index])
    return _without_plain_card(lines)


def _without_closing(lines: list[str]) -> list[str]:
    """Closing and name above the delimiter go with it; several closings go together."""
    lines = _without_blank_end(lines)
    for index in range(max(1, len(lines) - 5), len(lines)):
        if (
            _closes(lines[index], lines[index + 1 :])
            and _is_visiting_card(lines[index + 1 :])
            and _has_words(lines[:index])
        ):
            return _without_blank_end(lines[:index])
    return lines


def _without_plain_card(lines: list[str]) -> list[str]:
    """A last paragraph of short lines with a telephone number or an address in it, below a sentence that ends."""
    start = len(lines)
    while start and lines[start - 1].strip():
        start -= 1
    card = lines[start:]
    above = _without_blank_end(lines[:start])
    if not above or len(card) < 3 or above[-1].rstrip().endswith((":", ",")):
        return lines
    is_card = _is_visiting_card(card) and sum(bool(_CONTACT.search(line)) for line in card) >= 2
    return above if is_card and len(" ".join(above).split()) >= 5 else lines


def _closes(line: str, below: list[str]) -> bool:
    """Whether a line only takes leave."""
    plain = line.strip(" \t\xa0,.!;")
    if _AGREE.match(line[:300]):
        return True
    if not plain or len(plain) > 70:
        return False
    if (named := _CLOSING_AND_NAME.fullmatch(plain)) and all(word[0].isupper() for word in named["name"].split()):
        return True
    parts = [part for part in _AND.split(plain) if part]
    if not parts or not all(_CLOSING.fullmatch(part) or _THANKS.fullmatch(part) for part in parts):
        return False
    return any(map(_CLOSING.fullmatch, parts)) or _has_words(below)


def _is_visiting_card(lines: list[str]) -> bool:
    """A few short lines without a question, a sentence or a word about the matter: a name, a firm, a telephone number."""
    full = [line.strip() for line in lines if line.strip() and not _RULE.match(line.strip())]
    if len(full) > MAX_CARD:
        return False
    return all(_is_card_line(line) for line in full)


def _is_card_line(line: str) -> bool:
    if _DISCLAIMER.match(line[:600]) or _PHONE_LINE.match(line[:300]):
        return True
    if len(line) > 90 or "?" in line or _MATTER.search(line) or (_CODE.match(line) and not _TELEPHONE.search(line)):
        return False
    if _CONTACT.search(line) and not _SENTENCE_WORD.search(line):
        return True
    words = len(re.findall(r"\w[\w.'-]*", line))
    is_sentence = (line.endswith(".") and words > 4) or (words > 3 and bool(_SENTENCE_WORD.search(line)))
    return words <= 10 and not is_sentence


def _without_blank_end(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return lines[:end]


def _has_words(lines: list[str]) -> bool:
    return any(character.isalnum() for line in lines for character in line)
