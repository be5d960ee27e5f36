# ruff: noqa: E501 (tables of phrases keep their lines)
"""How mail programs announce history: separators, header blocks and "on … somebody wrote", in the languages they speak.

Tables, not cleverness: each phrase is one that a program writes. What a person may write too is believed only with
something a person does not add: a date with a time, an address, quoted lines after it.
"""

import re
from collections.abc import Sequence

MAX_LINE = 1_000
MAX_ATTRIBUTION = 400
WINDOW = 4

_FORWARD_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:fwd?|wg|tr|transf?|rv|enc|i|doorst|vs|vb|pd|videresendt|weitergeleitet)\s*[:：]",
    re.IGNORECASE,
)
_REPLY_SUBJECT = re.compile(
    r"^\s*(?:\[[^\]]{1,40}\]\s*)?(?:re|aw|antw|antwort|r[ée]p|r|sv|odp|ynt|res|bls|vá|vs|回复|答复)(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]",
    re.IGNORECASE,
)
_DASHES = r"[-_=–—~*]"
_SEPARATOR_WORDS = (
    r"original (?:message|appointment|mail|e-?mail)|reply message|message d.origine|(?:message|mail|courriel) original|message initial"
    r"|urspr[üu]ngliche (?:nachricht|mail|e-mail|message)|original-?nachricht|originalnachricht|originale nachricht|mensaje original"
    r"|messaggio originale|oorspronkelijk bericht|origineel bericht|mensagem original|ursprungligt meddelande|oprindelig meddelelse"
    r"|opprinnelig melding|alkuper[äa]inen viesti|wiadomo[śs][ćc] oryginalna|p[ůu]vodn[íi] (?:zpr[áa]va|e-mail)|исходное сообщение"
)
_COPY = re.compile(
    r"^-{2,}\s*(?:below this line is a copy of the message|this is a copy of (?:the|your) message)\b.{0,60}$",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(rf"^{_DASHES}{{2,}}\s*(?:{_SEPARATOR_WORDS})\s*:?\s*{_DASHES}{{2,}}$", re.IGNORECASE)
_FORWARD_WORDS = (
    r"forwarded (?:message|by|mail|e-?mail)|(?:begin|start of) forwarded message|message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée]|forward[ée])"
    r"|d[ée]but du message (?:transf[ée]r[ée]|r[ée]exp[ée]di[ée])|(?:mail|courriel) transf[ée]r[ée]|transf[ée]r[ée] par"
    r"|weitergeleitete (?:nachricht|mail|e-?mail)|anfang der weitergeleiteten (?:nachricht|e-?mail)|weitergeleitet von"
    r"|(?:inicio del )?mensaje reenviado|(?:inizio (?:del )?)?messaggio inoltrato|(?:begin )?doorgestuurd bericht|mensagem (?:encaminhada|reencaminhada)"
    r"|vidarebefordrat (?:meddelande|brev)|videresendt (?:meddelelse|melding)|пересылаемое сообщение|переслан(?:ное|ое) сообщение"
    r"|wiadomo[śs][ćc] przekazana|p[řr]eposlan[áa] zpr[áa]va"
)
_FORWARD_MARK = re.compile(
    rf"^(?:{_DASHES}{{2,}}\s*(?:{_FORWARD_WORDS})\b[^\n]{{0,80}}|(?:{_FORWARD_WORDS})\s*[:：])$", re.IGNORECASE
)

_LABELS = {
    "from": "from|de|von|da|van|från|fra|lähettäjä|od|от|от кого|expéditeur|expediteur|absender|mittente|remitente|nom de l'expéditeur",
    "date": "sent|date|sent on|envoyé|envoye|envoyé le|date d'envoi|gesendet|gesendet am|datum|inviato|data|enviado|enviado el|enviada em"
    "|fecha|verzonden|skickat|sendt|lähetetty|wysłano|odesláno|дата|отправлено|received",
    "to": "to|à|a|an|pour|per|para|aan|till|til|vastaanottaja|do|komu|кому|destinataire|destinataires|empfänger|destinatario",
    "cc": "cc|copie|copie à|kopie|kopie an|copia|kopia|kopi|копия|bcc|cci|bcc|ccn|cco|blindkopie",
    "subject": "subject|objet|sujet|betreff|oggetto|asunto|assunto|onderwerp|ämne|emne|aihe|temat|předmět|тема|re|betr",
    "reply-to": "reply-to|reply to|répondre à|répondre a|antwort an|rispondi a|responder a|antwoord aan",
    "other": "importance|priorité|wichtigkeit|priorität|attachments|attachment|pièces jointes|pièce jointe|pj|anlagen|anlage|anhang|organization"
    "|organisation|allegati|adjuntos|bijlagen|sensitivity|mailed-by|signed-by",
}
_FIELD_OF = {label: field for field, labels in _LABELS.items() for label in labels.split("|")}
_FIELD = re.compile(r"^[*_]{0,2}([^\W\d_][\w' -]{0,24}?)\s?[*_]{0,2}\s?[:：]\s?[*_]{0,2}\s?(.*?)[*_]{0,2}$")

# Who wrote: verbs, as programs conjugate them
_VERB = (
    r"(?:wrote|writes|said|has written|a [ée]crit|[ée]crivait|[ée]crit|schrieb(?:en)?|geschrieben|schreibt|ha scritto|escribi[óo]|escreveu|schreef"
    r"|(?:heeft )?(?:het volgende )?geschreven|skrev|kirjoitti|napisa[łl](?:\(a\))?|pisze|napsal(?:\(a\))?|nap[íi]sal(?:\(a\))?|написал(?:\(а\))?|пишет|yazdı"
    r"|[íi]rta|a scris|έγραψε|ha escrit|写道|寫道)"
)
_OPENING = r"(?:On|At|In a message dated|Le|Am|Em|El|Il(?: giorno)?|Op|Den|Il|W dniu|Dne|Dňa|Dnia|Na|Pe|În data de|Dana|Στις|On the|Dans son message du|Quoting|Zitat von|Citat|Citando|Le message de)"
_ANCHORED = re.compile(
    rf"^{_OPENING}\b.{{2,380}}?\W{_VERB}(?!\w).{{0,200}}[:：]$|^(?:Quoting|Zitat von|Citando)\b.{{3,200}}:$",
    re.IGNORECASE,
)
_SPOKEN = re.compile(
    rf"^(?:.{{2,300}}\W{_VERB}(?!\w)\s*(?:am|on|le|um|at)?.{{0,80}}[:：]|.{{2,200}} hat (?:am|um)\b.{{4,80}} geschrieben:)$",
    re.IGNORECASE,
)
_TOLD_TO_ME = re.compile(
    r"\b(?:m.a|nous a|vous a|lui a|t.a|leur a|avez|ai|avait|ont|avons) [ée]crit|\b(?:wrote|said) (?:to )?(?:me|us|you|him|her|that)\b|\b(?:I|you|we|he|she|they) wrote\b"
    r"|\b(?:mir|uns|Ihnen|Sie|ich|wir|er|sie) (?:geschrieben|schrieb|schrieben)\b|\bschrieb (?:mir|uns|Ihnen|ich|er|sie)\b|\bhaben .{0,40}geschrieben",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[^\s@<>]{1,255}")
_DAY = re.compile(
    r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b|\b\d{4}[./-]\d{1,2}[./-]\d{1,2}\b|\b(?:19|20)\d\d\b|\d{4}年",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"\b\d{1,2}[:h.]\d\d\b|\b\d{1,2} ?(?:uhr|heures?|[ap]\.?m)\b", re.IGNORECASE)
_REPLY_LINE = re.compile(
    r"(?:reply|write|type|respond) .{0,30}above this line|r[ée]pond\w* .{0,30}au[- ]dessus de cette ligne|[ée]cri\w* .{0,30}au[- ]dessus de cette ligne|(?:[üu]ber|oberhalb) dieser (?:zeile|linie)",
    re.IGNORECASE,
)
_ORANGE = re.compile(r"^>?\s*message du \d{1,2}/\d{1,2}/\d{2,4}\b", re.IGNORECASE)


def is_forward_subject(subject: str) -> bool:
    """Whether a subject says that the mail is passed on: Fwd, TR, WG, …"""
    return bool(_FORWARD_SUBJECT.match(subject[:200]))


def is_reply_subject(subject: str) -> bool:
    """Whether a subject says that the mail answers one: Re, AW, SV, …"""
    return bool(_REPLY_SUBJECT.match(subject[:200]))


def bare(line: str) -> str:
    """A line without quote marks, bold marks and spaces around it."""
    return line[:MAX_LINE].lstrip(" \t>*\xa0").rstrip(" \t*\xa0")


def is_forward_mark(line: str) -> bool:
    """Whether a line announces a mail that is passed on."""
    plain = bare(line)
    return (
        bool(plain)
        and len(plain) < 200
        and (plain[0] in "-_=–—~*" or plain[-1] in ":：")
        and bool(_FORWARD_MARK.match(plain))
    )


def is_separator(line: str) -> bool:
    """Whether a line says "original message" between dashes."""
    plain = bare(line)
    return 8 < len(plain) < 120 and plain[0] in "-_=–—~" and bool(_SEPARATOR.match(plain) or _COPY.match(plain))


def header_field(line: str) -> tuple[str, str] | None:
    """(which header, its value) of a line like `Envoyé : mardi`, None for any other line."""
    plain = bare(line)
    if ":" not in plain[:30] and "：" not in plain[:30]:
        return None
    match = _FIELD.match(plain)
    if match is None:
        return None
    name = _FIELD_OF.get(match[1].strip().lower().replace("’", "'"))
    return (name, match[2].strip()) if name else None


def is_header_block(lines: Sequence[str], index: int) -> bool:
    """Whether sender, date, recipient, subject begin here, as no person types them: most of them, one after the other."""
    first = header_field(lines[index])
    if first is None or first[0] == "other":
        return False
    found, last, misses = dict([first]), first[0], 0
    for line in lines[index + 1 : index + 16]:
        if not bare(line):
            continue
        if (field := header_field(line)) is not None:
            last = field[0]
            found.setdefault(*field)
        elif last in ("to", "cc") and misses < 2:
            misses += 1  # a long list of recipients goes on
        else:
            break
    if "from" not in found or len(found.keys() - {"other"}) < 3:
        return False
    has_address = bool(_ADDRESS.search(found["from"]) or _ADDRESS.search(found.get("to", "")))
    return {"date", "subject"} <= found.keys() or (has_address and ("date" in found or "subject" in found))


def attribution_end(lines: Sequence[str], index: int, *, is_quoted_after: bool) -> int:
    """How many of the lines that end at `index` say "on … somebody wrote:", 0 when they do not."""
    if _ORANGE.match(lines[index][:200]):
        return 1
    joined, loosely = "", 0
    for length in range(1, WINDOW + 1):
        place = index - length + 1
        plain = bare(lines[place]) if place >= 0 else ""
        if not plain or len(plain) + len(joined) > MAX_ATTRIBUTION:
            break
        joined = f"{plain} {joined}".strip()
        if length > 1 and not any(sign.isdigit() for sign in plain):
            continue  # the date is in the line that begins; a sentence above is somebody's own
        if _TOLD_TO_ME.search(joined) and not _ADDRESS.search(joined):
            continue
        if _ANCHORED.match(joined) and (is_quoted_after or _ADDRESS.search(joined)):
            return length
        if not loosely and _is_spoken(joined, is_quoted_after=is_quoted_after, is_first=length == 1):
            loosely = length
    return loosely


def _is_spoken(joined: str, *, is_quoted_after: bool, is_first: bool) -> bool:
    """Attributions that begin with the name, or have no verb that we know: an address and a date must be in them."""
    has_address, has_day = bool(_ADDRESS.search(joined)), bool(_DAY.search(joined))
    is_dated = has_day and bool(_CLOCK.search(joined))
    if (is_first or is_dated) and _SPOKEN.match(joined):
        return is_quoted_after or (is_dated and has_address)
    return has_address and has_day and is_quoted_after and len(joined) < 300


def is_reply_line(line: str) -> bool:
    """Whether a help desk asks to write above this line."""
    return bool(_REPLY_LINE.search(line[:300]))
