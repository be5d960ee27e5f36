# ruff: noqa: E501 (mails keep their lines)
"""Replies as mail programs write them, each with what the customer typed and what he did not, to measure folding by."""

import html as entities
import random
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP

from tests.mail.words import AGENT, MOBILE, NAMES, OWN, SIGNATURES, Names

WHO, NAME, CUSTOMER = "Acme Support <support@acme.example>", "Acme Support", "Jeanne Martin <jeanne@martin.example>"
SUBJECT = {"en": "Your lamp", "fr": "Votre lampe", "de": "Ihre Leuchte"}


@dataclass(slots=True)
class Draft:
    """What one reply is made of."""

    language: str
    own: list[str]
    signature: list[str]
    agent: list[str]
    mobile: str = ""
    # Answers between the agent's paragraphs, by the number of the paragraph they follow
    between: dict[int, str] = field(default_factory=dict)
    is_bottom: bool = False

    @property
    def names(self) -> Names:
        return NAMES[self.language]


@dataclass(frozen=True, slots=True)
class Reply:
    """A mail, the paragraphs its writer typed, and the lines that are somebody else's or a signature's."""

    name: str
    language: str
    raw: bytes
    own: list[str]
    foreign: list[str]


Body = tuple[str, str]  # plain and HTML, either may be ''
Client = Callable[[Draft], Body]


def replies(each: int = 16, seed: int = 11) -> Iterator[Reply]:
    """`each` replies of every program in every language, the same every time."""
    choose = random.Random(seed)
    for language in ("en", "fr", "de"):
        for name, (client, can_be_bottom, can_be_between, mobile) in CLIENTS.items():
            for number in range(each):
                draft = Draft(
                    language,
                    choose.choice(OWN[language]),
                    choose.choice(SIGNATURES[language]),
                    choose.choice(AGENT[language]),
                    MOBILE[mobile][language] if mobile and choose.random() < 0.7 else "",
                )
                if draft.mobile:
                    draft.signature = []
                if can_be_between and number % 5 == 3:
                    draft.between = {min(1, len(draft.agent) - 1): draft.own[-1]}
                    draft.own = draft.own[:-1]
                elif can_be_bottom and number % 5 == 4:
                    draft.is_bottom = True
                yield _reply(f"{language} {name} {number}", draft, client)


def _reply(name: str, draft: Draft, client: Client) -> Reply:
    plain, html = client(draft)
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = CUSTOMER, WHO, f"Re: {SUBJECT[draft.language]}"
    mail["Date"], mail["Message-ID"] = "Tue, 03 Nov 2026 11:00:00 +0100", f"<{name.replace(' ', '.')}@martin.example>"
    mail["In-Reply-To"] = "<agent@acme.example>"
    if plain:
        mail.set_content(plain, cte="quoted-printable")
    if html and plain:
        mail.add_alternative(html, subtype="html", cte="quoted-printable")
    elif html:
        mail.set_content(html, subtype="html", cte="quoted-printable")
    foreign = [
        *draft.agent,
        *(line for line in draft.signature if line.strip("- ")),
        *([draft.mobile] if draft.mobile else []),
    ]
    foreign += ["support@acme.example"]
    return Reply(name, draft.language, mail.as_bytes(), [*draft.own, *draft.between.values()], foreign)


# --- building blocks -------------------------------------------------------------------------------------------------


def _text(paragraphs: list[str]) -> str:
    return "\n\n".join(paragraphs)


def _wrapped(text: str, width: int = 76) -> str:
    return "\n".join(
        "\n".join(textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False))
        if len(line) > width
        else line
        for line in text.split("\n")
    )


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _end(draft: Draft) -> str:
    parts = ["\n".join(draft.signature)] if draft.signature else []
    return "".join(f"\n\n{part}" for part in [*parts, *([draft.mobile] if draft.mobile else [])])


def _quote_with_answers(draft: Draft, mark: Callable[[str], str]) -> str:
    parts = []
    for number, paragraph in enumerate(draft.agent):
        parts.append(mark(paragraph))
        if number in draft.between:
            parts.append(draft.between[number])
    return "\n\n".join(parts) if draft.between else mark(_text(draft.agent))


def _marked(draft: Draft, attribution: str, *, width: int = 76) -> str:
    """Plain text of programs that mark each line of the history."""
    own, end = _wrapped(_text(draft.own), width), _end(draft)
    quote = _wrapped(_quote_with_answers(draft, _quoted), 10_000)
    if draft.is_bottom:
        return f"{attribution}\n{quote}\n\n{own}{end}\n"
    if draft.between:
        return f"{own}\n\n{attribution}\n{quote}{end}\n"
    return f"{own}{end}\n\n{attribution}\n{quote}\n"


def _e(text: str) -> str:
    return entities.escape(text, quote=False).replace("\n", "<br>")


def _divs(paragraphs: list[str]) -> str:
    return "<div><br></div>".join(f"<div>{_e(paragraph)}</div>" for paragraph in paragraphs)


def _ps(paragraphs: list[str], css: str = "MsoNormal") -> str:
    return "".join(f'<p class="{css}">{_e(line) or "&nbsp;"}</p>' for line in paragraphs)


def _html_end(draft: Draft) -> str:
    lines = [*draft.signature, *(["", draft.mobile] if draft.mobile else [])]
    return "".join(f"<div>{_e(line) or '<br>'}</div>" for line in lines)


# --- programs --------------------------------------------------------------------------------------------------------


def gmail(draft: Draft) -> Body:
    attribution = draft.names.wrote.format(who=WHO)
    plain = _marked(draft, "\n".join(textwrap.wrap(attribution, 72)) + "\n", width=76)
    signature = f'<div><br></div><span class="gmail_signature_prefix">-- </span><br><div dir="ltr" class="gmail_signature">{_e(chr(10).join(draft.signature[1:]))}</div>'
    ending = signature if draft.signature[:1] == ["-- "] else f"<div><br></div>{_html_end(draft)}"
    quote = "".join(f"<div>{_e(part)}</div><div><br></div>" for part in draft.agent)
    own = _divs(draft.own)
    attr = f'<div dir="ltr" class="gmail_attr">{_e(attribution)}<br></div>'
    open_quote = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
    if draft.between or draft.is_bottom:
        return plain, ""
    return (
        plain,
        f'<div dir="ltr">{own}{ending}</div><br><div class="gmail_quote gmail_quote_container">{attr}{open_quote}{quote}</blockquote></div>',
    )


def gmail_html_only(draft: Draft) -> Body:
    """Forwarders and some apps drop the plain half; answers between are cells of the quote box."""
    attribution = f'<div dir="ltr" class="gmail_attr">{_e(draft.names.wrote.format(who=WHO))}<br></div>'
    open_quote = '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
    parts = []
    for number, paragraph in enumerate(draft.agent):
        parts.append(f"{open_quote}<div>{_e(paragraph)}</div></blockquote>")
        if number in draft.between:
            parts.append(f"<div><br></div><div>{_e(draft.between[number])}</div><div><br></div>")
    own = f'<div dir="ltr">{_divs(draft.own)}<div><br></div>{_html_end(draft)}</div>'
    quote = f'<div class="gmail_quote">{attribution}{"".join(parts)}</div>'
    return "", f"{quote}<br>{own}" if draft.is_bottom else f"{own}<br>{quote}"


def outlook_desktop(draft: Draft) -> Body:
    names = draft.names
    head = [
        f"{names.sender} {WHO} ",
        f"{names.sent} {names.long_date}",
        f"{names.to} Jeanne Martin <jeanne@martin.example>",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    plain = f"{_text(draft.own)}{_end(draft)}\n\n \n\n" + "\n".join(head) + f"\n\n \n\n{_text(draft.agent)}\n"
    rows = "<br>".join(f"<b>{row.split(':')[0]}:</b>{_e(row.partition(':')[2])}" for row in head)
    box = f'<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">{rows}</p></div></div>'
    style = "<style><!-- p.MsoNormal {margin:0cm;font-size:11.0pt;font-family:Calibri} @page WordSection1 {size:612.0pt 792.0pt} --></style>"
    signature = _ps(draft.signature) + (_ps([draft.mobile]) if draft.mobile else "")
    html = f'<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>{style}</head><body lang="FR"><div class="WordSection1">{_ps(draft.own)}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{signature}{box}<p class="MsoNormal"><o:p>&nbsp;</o:p></p>{_ps(draft.agent)}</div></body></html>'
    return plain, html


def outlook_desktop_html(draft: Draft) -> Body:
    return "", outlook_desktop(draft)[1]


def outlook_old(draft: Draft) -> Body:
    names = draft.names
    head = [
        f"{names.sender} {NAME} [mailto:support@acme.example]",
        f"{names.sent} {names.long_date}",
        f"{names.to} Jeanne Martin",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    return f"{_text(draft.own)}{_end(draft)}\n\n-----{names.original}-----\n" + "\n".join(
        head
    ) + f"\n\n{_text(draft.agent)}\n", ""


def outlook_web(draft: Draft) -> Body:
    names = draft.names
    head = [
        f"{names.sender} {WHO}",
        f"{names.sent} {names.long_date}",
        f"{names.to} Jeanne Martin <jeanne@martin.example>",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    plain = (
        f"{_text(draft.own)}{_end(draft)}\n\n________________________________\n"
        + "\n".join(head)
        + f"\n\n{_text(draft.agent)}\n"
    )
    rows = "<br>\n".join(f"<b>{row.split(':')[0]}:</b>{_e(row.partition(':')[2])}" for row in head)
    own = "".join(
        f'<div class="elementToProof" style="font-family: Aptos, Calibri; font-size: 12pt;">{_e(part) or "<br>"}</div><div class="elementToProof"><br></div>'
        for part in draft.own
    )
    signature = f'<div id="Signature">{_html_end(draft)}</div>' if draft.signature or draft.mobile else ""
    html = f'<html><body dir="ltr">{own}{signature}<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">{rows}</font><div>&nbsp;</div></div>{_ps(draft.agent)}</body></html>'
    return plain, html


def outlook_web_html(draft: Draft) -> Body:
    return "", outlook_web(draft)[1]


def outlook_mac(draft: Draft) -> Body:
    names = draft.names
    head = [
        f"{names.sender} {WHO}",
        f"{names.date} {names.long_date}",
        f"{names.to} Jeanne Martin <jeanne@martin.example>",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    return f"{_text(draft.own)}{_end(draft)}\n\n\n" + "\n".join(head) + f"\n\n{_text(draft.agent)}\n", ""


def apple_mac(draft: Draft) -> Body:
    attribution = draft.names.apple.format(who=WHO)
    quote = _quote_with_answers(draft, _quoted)
    own = _text(draft.own)
    if draft.is_bottom:
        return f"> {attribution}\n> \n{quote}\n\n{own}{_end(draft)}\n", ""
    if draft.between:
        return f"{own}\n\n> {attribution}\n> \n{quote}{_end(draft)}\n", ""
    plain = f"{own}{_end(draft)}\n\n> {attribution}\n> \n{quote}\n"
    html = f'<html><body style="overflow-wrap: break-word; line-break: after-white-space;">{_divs(draft.own)}<div><br></div>{_html_end(draft)}<div><br><blockquote type="cite"><div>{_e(attribution)}</div><br class="Apple-interchange-newline"><div>{_divs(draft.agent)}</div></blockquote></div><br></body></html>'
    return plain, html


def apple_ios(draft: Draft) -> Body:
    attribution = draft.names.apple.format(who=WHO)
    quote = _quoted(_text(draft.agent))
    plain = f"{_text(draft.own)}{_end(draft)}\n\n> {attribution}\n> \n{quote}\n"
    html = f'<html><body dir="auto">{_divs(draft.own)}<div dir="ltr"><br>{_html_end(draft)}</div><div dir="ltr"><br><blockquote type="cite">{_e(attribution)}<br><br></blockquote></div><blockquote type="cite"><div dir="ltr">\ufeff{_divs(draft.agent)}</div></blockquote></body></html>'
    return plain, html


def apple_ios_html(draft: Draft) -> Body:
    return "", apple_ios(draft)[1]


def thunderbird(draft: Draft) -> Body:
    return _marked(draft, draft.names.thunderbird.format(name=NAME), width=72), ""


def thunderbird_html(draft: Draft) -> Body:
    attribution = f'<div class="moz-cite-prefix">{_e(draft.names.thunderbird.format(name=NAME))}<br></div>'
    parts = []
    for number, paragraph in enumerate(draft.agent):
        parts.append(f'<blockquote type="cite" cite="mid:agent@acme.example"><p>{_e(paragraph)}</p></blockquote>')
        if number in draft.between:
            parts.append(f"<p>{_e(draft.between[number])}</p>")
    own = "".join(f"<p>{_e(part)}</p>" for part in draft.own)
    signature = (
        f'<div class="moz-signature">{_e(chr(10).join(draft.signature))}</div>'
        if draft.signature[:1] == ["-- "]
        else _html_end(draft)
    )
    quote = attribution + "".join(parts)
    html = f"{quote}{own}{signature}" if draft.is_bottom else f"{own}{signature}{quote}"
    return (
        "",
        f'<html><head><meta http-equiv="Content-Type" content="text/html; charset=UTF-8"></head><body>{html}</body></html>',
    )


def yahoo(draft: Draft) -> Body:
    attribution = draft.names.yahoo.format(who=WHO)
    indented = textwrap.indent(_text(draft.agent), "  ")
    plain = f" {_text(draft.own)}{_end(draft)}\n\n    {attribution}  \n \n {indented}\n  "
    html = f'<div class="ydp1-wrap"><div dir="ltr">{_divs(draft.own)}</div><div><br></div>{_html_end(draft)}<div id="yahoo_quoted_1" class="yahoo_quoted"><div>{_e(attribution)}</div><div><br></div><div>{_divs(draft.agent)}</div></div></div>'
    return plain, html


def gmx(draft: Draft) -> Body:
    names = draft.names
    sent = {"en": "Sent:", "fr": "Envoyé:", "de": "Gesendet:"}[draft.language]
    head = [
        f"{sent} {names.long_date}",
        f"{names.sender} {WHO}",
        f"{names.to} jeanne@martin.example",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    plain = f"{_text(draft.own)}{_end(draft)}\n\n \n\n" + "\n".join(head) + f"\n\n{_text(draft.agent)}\n"
    rows = "<br/>".join(f"<b>{_e(row.partition(':')[0])}:</b>{_e(row.partition(':')[2])}" for row in head)
    html = f'<html><body><div style="font-family: Verdana;font-size: 12.0px;">{_divs(draft.own)}<div>&nbsp;</div>{_html_end(draft)}<div>&nbsp;<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div style="margin:0 0 10px 0;">{rows}</div><div name="quoted-content">{_divs(draft.agent)}</div></div></div></div></body></html>'
    return plain, html


def orange(draft: Draft) -> Body:
    head = [
        "> Message du 03/11/26 10:12",
        f'> De : "{NAME}" <support@acme.example>',
        "> A : jeanne@martin.example",
        "> Copie à : ",
        f"> Objet : {SUBJECT[draft.language]}",
        "> ",
    ]
    return f"{_text(draft.own)}{_end(draft)}\n\n\n" + "\n".join(head) + f"\n{_quoted(_text(draft.agent))}\n", ""


def proton(draft: Draft) -> Body:
    attribution = draft.names.yahoo.format(who=WHO).replace(":01", "")
    plain = f"{_text(draft.own)}{_end(draft)}\n\n{attribution}\n\n{_quoted(_text(draft.agent))}\n"
    html = f'<div style="font-family: Arial;font-size: 14px;">{_divs(draft.own)}</div><div class="protonmail_signature_block">{_html_end(draft)}</div><div class="protonmail_quote">{_e(attribution)}<br><blockquote class="protonmail_quote" type="cite">{_divs(draft.agent)}</blockquote><br></div>'
    return plain, html


def zimbra(draft: Draft) -> Body:
    names = draft.names
    title = {
        "en": "----- Original Message -----",
        "fr": "----- Mail original -----",
        "de": "----- Ursprüngliche Mail -----",
    }[draft.language]
    head = [
        f'{names.sender.replace(" :", ":")} "{NAME}" <support@acme.example>',
        f'{names.to.replace(" :", ":")} "Jeanne" <jeanne@martin.example>',
        f"{names.sent.replace(' :', ':')} {names.long_date}",
        f"{names.subject.replace(' :', ':')} {SUBJECT[draft.language]}",
    ]
    return f"{_text(draft.own)}{_end(draft)}\n\n{title}\n" + "\n".join(head) + f"\n\n{_text(draft.agent)}\n", ""


def open_xchange(draft: Draft) -> Body:
    attribution = {
        "en": f"On 11/03/2026 10:12 AM CET {WHO} wrote:",
        "fr": f"Le 03/11/2026 10:12 CET, {WHO} a écrit :",
        "de": f"{WHO} hat am 03.11.2026 10:12 CET geschrieben:",
    }[draft.language]
    return f"{_text(draft.own)}{_end(draft)}\n\n> {attribution}\n> \n> \n{_quoted(_text(draft.agent))}\n", ""


def samsung(draft: Draft) -> Body:
    names = draft.names
    head = [
        f"{names.sender} {WHO}",
        f"{names.date} 03/11/2026 10:12 (GMT+01:00)",
        f"{names.to} jeanne@martin.example",
        f"{names.subject} {SUBJECT[draft.language]}",
    ]
    plain = (
        f"{_text(draft.own)}{_end(draft)}\n\n\n-------- {names.original} --------\n"
        + "\n".join(head)
        + f" \n\n{_text(draft.agent)}\n"
    )
    rows = "".join(f"<div>{_e(row)}</div>" for row in head)
    html = f'<html><body dir="auto">{_divs(draft.own)}<div><br></div>{_html_end(draft)}<div><br></div><div align="left" dir="auto" style="font-size:100%;color:#000000"><div>-------- {names.original} --------</div>{rows}<div><br></div></div>{_divs(draft.agent)}</body></html>'
    return plain, html


def samsung_html(draft: Draft) -> Body:
    return "", samsung(draft)[1]


def roundcube(draft: Draft) -> Body:
    attribution = {
        "en": "On 2026-11-03 10:12, Acme Support wrote:",
        "fr": "Le 2026-11-03 10:12, Acme Support a écrit :",
        "de": "Am 2026-11-03 10:12, schrieb Acme Support:",
    }[draft.language]
    return _marked(draft, attribution, width=72), ""


def notes(draft: Draft) -> Body:
    names = draft.names
    pad = max(len(label) for label in (names.sender, names.to, names.date, names.subject)) + 8
    head = [
        f"{names.sender.ljust(pad)}{WHO}",
        f"{names.to.ljust(pad)}jeanne@martin.example",
        f"{names.date.ljust(pad)}03.11.2026 10:12",
        f"{names.subject.ljust(pad)}{SUBJECT[draft.language]}",
    ]
    return f"{_text(draft.own)}{_end(draft)}\n\n\n\n" + "\n".join(head) + f"\n\n\n\n{_text(draft.agent)}\n", ""


# name: (program, may answer below, may answer between, which mobile line)
CLIENTS: dict[str, tuple[Client, bool, bool, str]] = {
    "gmail": (gmail, True, True, ""),
    "gmail html": (gmail_html_only, True, True, ""),
    "outlook desktop": (outlook_desktop, False, False, ""),
    "outlook desktop html": (outlook_desktop_html, False, False, ""),
    "outlook old": (outlook_old, False, False, ""),
    "outlook web": (outlook_web, False, False, "outlook"),
    "outlook web html": (outlook_web_html, False, False, "outlook"),
    "outlook mac": (outlook_mac, False, False, ""),
    "apple mac": (apple_mac, True, True, ""),
    "apple ios": (apple_ios, False, False, "ios"),
    "apple ios html": (apple_ios_html, False, False, "ios"),
    "thunderbird": (thunderbird, True, True, ""),
    "thunderbird html": (thunderbird_html, True, True, ""),
    "yahoo": (yahoo, False, False, "yahoo"),
    "gmx": (gmx, False, False, "gmx"),
    "orange": (orange, False, False, "orange"),
    "proton": (proton, False, False, "proton"),
    "zimbra": (zimbra, False, False, ""),
    "open-xchange": (open_xchange, False, False, ""),
    "samsung": (samsung, False, False, "samsung"),
    "samsung html": (samsung_html, False, False, "samsung"),
    "roundcube": (roundcube, True, True, ""),
    "notes": (notes, False, False, ""),
}


# --- measuring -------------------------------------------------------------------------------------------------------


def _flat(text: str) -> str:
    return " ".join(text.split())


def missing(reply: Reply, newest: str) -> list[str]:
    """The lines its writer typed that are not in the newest text."""
    flat = _flat(newest)
    return [line for paragraph in reply.own for line in paragraph.split("\n") if _flat(line) not in flat]


def left_over(reply: Reply, newest: str) -> list[str]:
    """The lines of history and signature that are still in the newest text."""
    typed = {_flat(line) for paragraph in reply.own for line in paragraph.split("\n")}
    flat = newest
    for line in sorted(typed, key=len, reverse=True):
        flat = _flat(flat).replace(line, " ", 1)
    words = _flat(flat)
    return [line for line in reply.foreign if len(_flat(line)) > 2 and _flat(line) in words]
