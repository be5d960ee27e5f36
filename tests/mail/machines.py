# ruff: noqa: E501 (mails keep their lines)
"""Mail of machines as servers and programs write it, and people's mail that looks a little like it."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import SMTP
from itertools import product

from tests.mail.words import OWN

OUR_ID = "<t42.7.k7d2m4q6s8w2y4z6@acme.example>"
US = "Acme Support <support@acme.example>"


@dataclass(frozen=True, slots=True)
class Case:
    """A mail and what it is: a kind of machine, or '' when a person wrote it."""

    name: str
    raw: bytes
    kind: str
    recipients: tuple[str, ...] = ()
    is_permanent: bool | None = None
    names_ours: bool = False


def cases() -> Iterator[Case]:
    """Every mail of this collection."""
    yield from _standard_bounces()
    yield from _home_grown_bounces()
    yield from _away()
    yield from _automatic()
    yield from _complaints()
    yield from _lists()
    yield from _reports()
    yield from _people()
    yield from _more()


def _mail(sender: str, subject: str, body: str = "", **headers: str) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, US, subject
    mail["Date"], mail["Message-ID"] = "Tue, 03 Nov 2026 11:00:00 +0100", "<machine@mx.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    if body:
        mail.set_content(body, cte="8bit")
    return mail


def _parts(*parts: tuple[str, str]) -> str:
    return "".join(f"--=_b\r\nContent-Type: {part}\r\n\r\n{body}\r\n" for part, body in parts) + "--=_b--\r\n"


def _report(sender: str, subject: str, report_type: str, *parts: tuple[str, str], **headers: str) -> bytes:
    mail = _mail(sender, subject, **headers)
    head = mail.as_string().rstrip("\r\n").replace("\r\n\r\n", "\r\n")
    return (
        f'{head}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={report_type}; boundary="=_b"\r\n\r\n'
        + _parts(*parts)
    ).encode("utf-8")


ORIGINAL = f"From: {US}\r\nTo: gone@client.example\r\nSubject: Votre demande\r\nMessage-ID: {OUR_ID}\r\n\r\nBonjour\r\n"

# --- bounces by RFC 3464 ---------------------------------------------------------------------------------------------

_SERVERS = {
    "postfix": (
        "MAILER-DAEMON@mx.client.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.client.example.\n\nI'm sorry to have to inform you that your message could not\nbe delivered to one or more recipients.\n\n<gone@client.example>: host mx.client.example[192.0.2.1] said: 550 5.1.1 User unknown",
    ),
    "exchange en": (
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@client.example>",
        "Undeliverable: Votre demande",
        "Delivery has failed to these recipients or groups:\n\ngone@client.example\nThe email address you entered couldn't be found.",
    ),
    "exchange fr": (
        "Microsoft Outlook <postmaster@client.example>",
        "Non remis : Votre demande",
        "Échec de la remise pour les destinataires ou groupes suivants :\n\ngone@client.example",
    ),
    "exchange de": (
        "Microsoft Outlook <postmaster@client.example>",
        "Unzustellbar: Ihre Anfrage",
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:\n\ngone@client.example",
    ),
    "gmail": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "Address not found\n\nYour message wasn't delivered to gone@client.example because the address couldn't be found.",
    ),
    "gmail fr": (
        "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
        "Delivery Status Notification (Failure)",
        "Adresse introuvable\n\nVotre message n'est pas parvenu à gone@client.example, car l'adresse est introuvable.",
    ),
    "sendmail": (
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.client.example>",
        "Returned mail: see transcript for details",
        "   ----- The following addresses had permanent fatal errors -----\n<gone@client.example>\n    (reason: 550 5.1.1 <gone@client.example>... User unknown)",
    ),
    "icloud": (
        "postmaster@icloud.example",
        "Undeliverable Mail",
        "A message that you sent could not be delivered to one or more of its recipients.",
    ),
}


def _status(
    action: str, status: str, recipient: str = "gone@client.example", code: str = "550 5.1.1 User unknown"
) -> str:
    return (
        "Reporting-MTA: dns; mx.client.example\r\nArrival-Date: Tue, 3 Nov 2026 10:59:00 +0100\r\n\r\n"
        f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822;{recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; {code}\r\n"
    )


def _standard_bounces() -> Iterator[Case]:
    outcomes = (
        ("failed", "5.1.1", True),
        ("failed", "5.2.2", True),
        ("delayed", "4.4.1", False),
        ("failed", "4.4.7", True),
    )
    for (name, (sender, subject, words)), (action, status, is_permanent), path in product(
        _SERVERS.items(), outcomes, (True, False)
    ):
        headers = {"Return_Path": "<>"} if path else {}
        if name.startswith(("postfix", "gmail")):
            headers["Auto_Submitted"] = "auto-replied"
        raw = _report(
            sender,
            subject,
            "delivery-status",
            ("text/plain; charset=utf-8", words),
            ("message/delivery-status", _status(action, status)),
            ("message/rfc822", ORIGINAL),
            **headers,
        )
        yield Case(
            f"bounce {name} {action} {status} {'<>' if path else 'no path'}",
            raw,
            "bounce",
            ("gone@client.example",),
            is_permanent,
            True,
        )
    raw = _report(
        "MAILER-DAEMON@mx.client.example",
        "Undelivered Mail",
        "delivery-status",
        ("text/plain", "words"),
        ("message/delivery-status", _status("failed", "5.1.1")),
        ("text/rfc822-headers", ORIGINAL),
    )
    yield Case("bounce headers only", raw, "bounce", ("gone@client.example",), True, True)


# --- bounces of servers that follow no standard ----------------------------------------------------------------------

_TAIL = f"\n\n------ This is a copy of the message, including all the headers. ------\n\nFrom: {US}\nTo: gone@client.example\nMessage-ID: {OUR_ID}\nSubject: Hello\n\nHello\n"
_HOME_GROWN = {
    "qmail": (
        "MAILER-DAEMON@mail.isp.example",
        "failure notice",
        "Hi. This is the qmail-send program at mail.isp.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<gone@client.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n--- Below this line is a copy of the message.\n",
        {},
    ),
    "exim": (
        "Mail Delivery System <Mailer-Daemon@mx.client.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  gone@client.example\n    SMTP error from remote mail server after RCPT TO:<gone@client.example>:\n    550 No such user\n",
        {"X_Failed_Recipients": "gone@client.example", "Auto_Submitted": "auto-replied"},
    ),
    "exim plain": (
        "Mail Delivery System <Mailer-Daemon@mx.client.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  gone@client.example\n    Unrouteable address\n",
        {},
    ),
    "notes": (
        "Mail Router <postmaster@notes.example>",
        "DELIVERY FAILURE: User gone (gone@client.example) not listed in Domino Directory",
        "Your message\n\n  Subject: Hello\n\nwas not delivered to:\n\n  gone@client.example\n\nbecause:\n\n  User gone (gone@client.example) not listed in Domino Directory\n",
        {},
    ),
    "groupwise": (
        "Mailer-Daemon@gw.example",
        "Mail System Error - Returned Mail",
        "The message that you sent was undeliverable to the following:\n\tgone@client.example (user not found)\n",
        {},
    ),
    "web.de": (
        "mailer-daemon@web.example",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be delivered to one or more of\nits recipients. The following addresses failed:\n\n    <gone@client.example>\n\nSMTP error from remote server for RCPT TO command, host: mx.client.example (192.0.2.1) reason: 550 Requested action not taken: mailbox unavailable\n",
        {"Return_Path": "<>"},
    ),
    "t-online": (
        "Mail Delivery System <mailer-daemon@t-online.example>",
        "Nicht zustellbar: Ihre Anfrage",
        "|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n|------------------------- Failed addresses follow: ---------------------|\n <gone@client.example> ... unknown user\n",
        {"Return_Path": "<>"},
    ),
    "free fr": (
        "MAILER-DAEMON@free.example",
        "Undelivered Mail Returned to Sender",
        "Bonjour,\n\nVotre message n'a pas pu être délivré au destinataire suivant :\n\n<gone@client.example> : 550 5.7.1 adresse inconnue\n",
        {"Return_Path": "<>"},
    ),
    "laposte": (
        "Postmaster <postmaster@laposte.example>",
        "Échec de remise du message",
        "Votre message n'a pu être remis aux destinataires suivants :\n gone@client.example : boîte aux lettres pleine (552)\n",
        {},
    ),
    "mimecast": (
        "postmaster@mimecast.example",
        "[Postmaster] Email Delivery Failure",
        "This is a message from the Mimecast Email Security System.\n\nYour message to gone@client.example could not be delivered.\n550 Rejected by header based manually Blocked Senders\n",
        {"Return_Path": "<>"},
    ),
    "yahoo": (
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        "Sorry, we were unable to deliver your message to the following address.\n\n<gone@client.example>:\n554: delivery error: dd This user doesn't have a yahoo.example account (gone@client.example) [0]\n",
        {"Return_Path": "<>"},
    ),
    "smtp32": (
        "Postmaster <postmaster@client.example>",
        "Undeliverable Mail",
        "User mailbox exceeds allowed size: gone@client.example\n\nOriginal message follows.\n",
        {},
    ),
    "delay": (
        "Mail Delivery System <Mailer-Daemon@mx.client.example>",
        "Warning: message 1abcde-0000 delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue. No action is required on your part.\nDelivery attempts will continue for some time.\n\n  gone@client.example\n",
        {"X_Failed_Recipients": "gone@client.example"},
    ),
    "no path, no name": (
        "MAILER-DAEMON@mx.example",
        "Returned mail: User unknown",
        "550 5.1.1 <gone@client.example>... User unknown\n",
        {},
    ),
}


def _home_grown_bounces() -> Iterator[Case]:
    for name, (sender, subject, words, headers) in _HOME_GROWN.items():
        for path in (True, False):
            extra = dict(headers) | ({"Return_Path": "<>"} if path else {})
            raw = _mail(sender, subject, words + _TAIL, **extra).as_bytes()
            yield Case(
                f"bounce {name} {'<>' if path else ''}", raw, "bounce", (), False if name == "delay" else None, True
            )


# --- away ------------------------------------------------------------------------------------------------------------

_AWAY_WORDS = {
    "en": "Hello,\n\nI am out of the office until 16 November with limited access to my e-mail.\nIn urgent cases please contact my colleague Tom.\n\nJane",
    "fr": "Bonjour,\n\nJe suis absente jusqu'au 16 novembre. En cas d'urgence, merci de contacter Tom.\n\nJeanne",
    "de": "Guten Tag,\n\nich bin bis zum 16. November nicht im Büro. In dringenden Fällen wenden Sie sich bitte an Tom.\n\nJana",
    "es": "Estoy fuera de la oficina hasta el 16 de noviembre.",
}
_AWAY_SUBJECTS = {
    "en": (
        "Automatic reply: Your lamp",
        "Out of Office: Your lamp",
        "Out of the office",
        "AUTO: Jane Miller is out of the office (returning 16.11.2026)",
        "Auto-Reply: Your lamp",
    ),
    "fr": (
        "Réponse automatique : Votre lampe",
        "Absence du bureau : Votre lampe",
        "Message d'absence",
        "Re: Votre lampe",
    ),
    "de": ("Automatische Antwort: Ihre Leuchte", "Abwesenheitsnotiz: Ihre Leuchte", "Abwesenheit", "Re: Ihre Leuchte"),
    "es": ("Respuesta automática: Su lámpara",),
}
_AWAY_HEADERS = (
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated", "X_Auto_Response_Suppress": "All"},
    {"X_Autoreply": "yes", "Precedence": "bulk"},
    {"X_Autorespond": "Your lamp"},
    {"Return_Path": "<>"},
    {"Auto_Submitted": "auto-replied (vacation)", "Precedence": "bulk", "Return_Path": "<>"},
)


def _away() -> Iterator[Case]:
    for language, subjects in _AWAY_SUBJECTS.items():
        for subject, (number, headers) in product(subjects, enumerate(_AWAY_HEADERS)):
            mail = _mail(
                "Jane Miller <jane@miller.example>", subject, _AWAY_WORDS[language], In_Reply_To=OUR_ID, **headers
            )
            yield Case(f"away {language} {subject[:20]} {number}", mail.as_bytes(), "auto-reply")
    for language, subject in (
        ("en", "Automatic reply: Your lamp"),
        ("fr", "Réponse automatique : Votre lampe"),
        ("de", "Automatische Antwort: Ihre Leuchte"),
    ):
        raw = _mail("Jane <jane@miller.example>", subject, _AWAY_WORDS[language]).as_bytes()
        yield Case(f"away by subject and words {language}", raw, "auto-reply")


def _automatic() -> Iterator[Case]:
    yield Case(
        "another desk",
        _mail(
            "Other Desk <help@desk.example>",
            "[Ticket 12] We received your message",
            "Thank you for contacting us.",
            Auto_Submitted="auto-generated",
            X_Auto_Response_Suppress="All",
        ).as_bytes(),
        "auto-reply",
    )
    yield Case(
        "receipt of zendesk",
        _mail(
            "Shop <support@shop.example>",
            "Request received: lamp",
            "We received it.",
            Auto_Submitted="auto-generated",
            X_Mailer="Zendesk Mailer",
        ).as_bytes(),
        "auto-reply",
    )
    yield Case(
        "our own mark",
        _mail("Acme <help@acme2.example>", "Your ticket", "We received it.", X_Guichet_Automatic="receipt").as_bytes(),
        "auto-reply",
    )
    yield Case(
        "shop notice",
        _mail("No Reply <no-reply@shop.example>", "Your order has shipped", "It is on its way.").as_bytes(),
        "auto-reply",
    )
    yield Case(
        "challenge",
        _mail(
            "Boxbe <notification@boxbe.example>",
            "Please confirm your message",
            "Your message is waiting. (Action required)",
            Precedence="auto_reply",
        ).as_bytes(),
        "auto-reply",
    )
    yield Case(
        "cron",
        _mail(
            "Cron Daemon <root@host.example>", "Cron <root@host> backup", "done", Auto_Submitted="auto-generated"
        ).as_bytes(),
        "auto-reply",
    )
    yield Case(
        "nul path alone",
        _mail(
            "Info <info@town.example>", "Ihre Nachricht", "Wir haben Ihre Nachricht erhalten.", Return_Path="<>"
        ).as_bytes(),
        "auto-reply",
    )


# --- complaints ------------------------------------------------------------------------------------------------------


def _complaints() -> Iterator[Case]:
    for kind, sender in product(
        ("abuse", "fraud", "virus", "other", "not-spam", "opt-out"),
        ("feedback@isp.example", "staff@hotmail.example", "Jane <fbl@yahoo.example>"),
    ):
        words = "This is an email abuse report for an email message received from IP 192.0.2.2 on Tue, 3 Nov 2026."
        told = f"Feedback-Type: {kind}\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <support@acme.example>\r\nOriginal-Rcpt-To: <angry@isp.example>\r\n"
        raw = _report(
            sender,
            "FW: Your request",
            "feedback-report",
            ("text/plain", words),
            ("message/feedback-report", told),
            ("message/rfc822", ORIGINAL),
        )
        yield Case(f"complaint {kind} {sender}", raw, "complaint", ("angry@isp.example",), None, True)
    mail = _mail("staff@hotmail.example", "complaint about message from 192.0.2.2")
    mail.set_content("")
    attached = Message()
    attached["From"], attached["Message-ID"], attached["Subject"] = US, OUR_ID, "Hello"
    attached.set_payload("Hello")
    inner = EmailMessage()
    inner["From"], inner["Message-ID"], inner["Subject"] = US, OUR_ID, "Hello"
    inner.set_content("Hello")
    mail.add_attachment(inner)
    yield Case("complaint jmrp", mail.as_bytes(), "complaint", (), None, True)


# --- lists, receipts, aggregate reports ------------------------------------------------------------------------------


def _lists() -> Iterator[Case]:
    for name, headers in {
        "mailman": {
            "List_Id": "Users <users.lists.example>",
            "List_Post": "<mailto:users@lists.example>",
            "Precedence": "list",
        },
        "google group": {
            "List_Id": "<team.group.example>",
            "Mailing_List": "list team@group.example",
            "Precedence": "list",
        },
        "newsletter": {
            "List_Unsubscribe": "<https://news.example/out>",
            "List_Unsubscribe_Post": "List-Unsubscribe=One-Click",
        },
        "bulk": {"Precedence": "bulk"},
        "junk": {"Precedence": "junk"},
    }.items():
        for number, words in enumerate(
            ("Our gadgets of the week.", "Nos offres de la semaine.", "Unsere Angebote der Woche.")
        ):
            yield Case(
                f"list {name} {number}",
                _mail("News <news@shop.example>", "This week", words, **headers).as_bytes(),
                "list",
            )


def _reports() -> Iterator[Case]:
    told = f"Reporting-UA: mail.client.example; Foomail\r\nFinal-Recipient: rfc822;jane@client.example\r\nOriginal-Message-ID: {OUR_ID}\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n"
    for subject in ("Read: Votre demande", "Lu : Votre demande", "Gelesen: Ihre Anfrage"):
        raw = _report(
            "Jane <jane@client.example>",
            subject,
            "disposition-notification",
            ("text/plain", "Your message was displayed."),
            ("message/disposition-notification", told),
        )
        yield Case(f"receipt {subject}", raw, "report", ("jane@client.example",), None, True)
    raw = _report(
        "MAILER-DAEMON@mx.client.example",
        "Successful Mail Delivery Report",
        "delivery-status",
        ("text/plain", "delivered"),
        ("message/delivery-status", _status("delivered", "2.0.0", code="250 2.0.0 Ok")),
        ("text/rfc822-headers", ORIGINAL),
    )
    yield Case("delivered", raw, "report", ("gone@client.example",), False, True)
    mail = _mail(
        "noreply-dmarc@google.example", "Report domain: acme.example Submitter: google.example Report-ID: 123", ""
    )
    mail.add_attachment(
        b"PK\x03\x04", maintype="application", subtype="zip", filename="google.example!acme.example!1!2.zip"
    )
    yield Case("dmarc", mail.as_bytes(), "report")


# --- people ----------------------------------------------------------------------------------------------------------

_LIKE_MACHINES = (
    ("Re: Automatic reply: Your lamp", "Your automatic reply says that you are away. Who can help me meanwhile?"),
    ("Undeliverable: my parcel", "Hello, the courier says that my parcel is undeliverable. What now?"),
    ("Undelivered", "My order was returned to sender. Please send it again."),
    ("Delivery failed", "The delivery failed for the third time, the driver did not ring."),
    (
        "Delivery Status Notification (Failure)",
        "I get this whenever I write to your sales team: see below.\n\n550 5.1.1 sales@acme.example User unknown\n\nIs the address wrong?",
    ),
    (
        "Fwd: Undelivered Mail Returned to Sender",
        "I tried to write to you and got this:\n\n---------- Forwarded message ---------\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\nDate: today\nSubject: Undelivered Mail\n\n<sales@acme.example>: 550 5.1.1 User unknown",
    ),
    ("Mail non distribué", "Bonjour, le facteur n'a pas distribué mon colis, boîte aux lettres pleine paraît-il."),
    ("Échec de la livraison", "La livraison a échoué deux fois, je suis absent le matin."),
    (
        "Réponse automatique",
        "Je reçois sans cesse votre réponse automatique, mais jamais de réponse d'une personne. Que faire ?",
    ),
    ("Absence du technicien", "Le technicien était absent au rendez-vous."),
    ("En congé", "Puis-je déplacer mon rendez-vous ? Je ne suis pas disponible la semaine prochaine."),
    ("Abwesenheit des Technikers", "Der Techniker ist nicht erschienen. Wann kommt er?"),
    ("Unzustellbares Paket", "Mein Paket gilt als unzustellbar, obwohl ich zu Hause war."),
    ("Zustellung fehlgeschlagen", "Die Zustellung ist zum zweiten Mal fehlgeschlagen. Was kann ich tun?"),
    ("Complaint about message from your shop", "I complain about the message from your shop: the price was wrong."),
    ("Spam report", "I get too much spam from your newsletter, please take me off."),
    ("Out of stock, out of office?", "Nobody answers the phone. Are you all on holiday?"),
    ("Auto repair", "My car was damaged by your delivery van."),
    ("Report domain transfer", "I would like to report a problem with my domain transfer."),
    ("Returned mail", "I returned the lamp by mail last week. Where is my money?"),
    ("Postfach voll", "Mein Postfach ist voll, ich konnte Ihre Antwort nicht lesen."),
)


def _people() -> Iterator[Case]:
    for number, (subject, words) in enumerate(_LIKE_MACHINES):
        yield Case(
            f"person {number} {subject}",
            _mail("Dana <dana@people.example>", subject, words, Return_Path="<dana@people.example>").as_bytes(),
            "",
        )
        yield Case(
            f"person {number} {subject} no path", _mail("Dana <dana@people.example>", subject, words).as_bytes(), ""
        )
    for language, bodies in OWN.items():
        for number, own in enumerate(bodies):
            mail = _mail(
                "Dana <dana@people.example>", "Question", "\n\n".join(own), Return_Path="<dana@people.example>"
            )
            yield Case(f"person {language} {number}", mail.as_bytes(), "")
    inner = EmailMessage()
    inner["From"], inner["Subject"] = "MAILER-DAEMON@mx.example", "Undelivered Mail Returned to Sender"
    inner.set_content("<sales@acme.example>: 550 5.1.1 User unknown")
    forward = _mail("Dana <dana@people.example>", "What does this mean?", "I attach what I got.")
    forward.add_attachment(inner)
    yield Case("person forwards a bounce", forward.as_bytes(), "")
    arf = _mail(
        "Dana <dana@people.example>", "Abuse report", "Somebody abuses my account. Please see the attached mail."
    )
    arf.add_attachment(inner)
    yield Case("person reports abuse", arf.as_bytes(), "")
    meeting = _mail(
        "Dana <dana@people.example>",
        "Accepted: Visit",
        "See you then.",
        X_MS_Exchange_Inbox_Rules_Loop="dana@people.example",
        Auto_Submitted="no",
    )
    yield Case("person by exchange rule", meeting.as_bytes(), "")
    form = _mail(
        "Web form <no-reply@acme.example>", "Contact form", "My lamp is broken.", Reply_To="dana@people.example"
    )
    yield Case("person by web form", form.as_bytes(), "")


# --- more of both, one line each ---------------------------------------------------------------------------------------


def _text(sender: str, subject: str, body: str = "", kind: str = "text/plain; charset=utf-8", **headers: str) -> bytes:
    named = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    head = f"From: {sender}\nTo: support@acme.example\nSubject: {subject}\nMessage-ID: <more@x.example>\n{named}"
    return f"{head}Content-Type: {kind}\n\n{body}".encode()


def _more() -> Iterator[Case]:
    for number, (kind, raw) in enumerate(_MORE):
        yield Case(f"more {number} {kind}", raw, kind)


_MORE: list[tuple[str, bytes]] = [
    (
        "bounce",
        _text(
            "MAILER-DAEMON@aol.example",
            "Mail Delivery Problem",
            "The mail you sent could not be delivered to: gone@aol.example: 554 5.7.1",
        ),
    ),
    (
        "bounce",
        _text(
            '"Mail Delivery System" <MAILER-DAEMON@x>',
            "Undelivered Mail Returned to Sender",
            "user unknown",
            Return_Path="<>",
            Auto_Submitted="auto-replied",
        ),
    ),
    (
        "bounce",
        _text(
            "postmaster@x.example",
            "Delivery Status Notification (Delay)",
            "This is an automatically generated Delivery Status Notification.\nDelivery to the following recipients has been delayed.\n gone@client.example",
        ),
    ),
    (
        "bounce",
        _text(
            "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example>",
            "Non remis : Votre lampe",
            "Votre message à gone@client.example n’a pas pu être remis.",
        ),
    ),
    (
        "bounce",
        _text(
            "System Administrator <postmaster@x.example>",
            "Undeliverable: Hello",
            "Your message did not reach some or all of the intended recipients.",
        ),
    ),
    (
        "bounce",
        _text(
            "Systemadministrator <postmaster@x.example>",
            "Unzustellbar: Hallo",
            "Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.",
        ),
    ),
    (
        "bounce",
        _text(
            "Administrateur système <postmaster@x.example>",
            "Non remis : Bonjour",
            "Votre message n'est pas parvenu à certains des destinataires prévus.",
        ),
    ),
    (
        "bounce",
        _text(
            "noreply@amazonses.example",
            "Delivery Status Notification (Failure)",
            "An error occurred while trying to deliver the mail to the following recipients:\ngone@client.example",
            "multipart/report; report-type=delivery-status; boundary=x",
        ),
    ),
    (
        "bounce",
        _text(
            "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
            "Delivery Status Notification (Delay)",
            "** Delivery incomplete **\nThere was a temporary problem delivering your message to gone@client.example. Gmail will retry for 46 more hours.",
        ),
    ),
    (
        "bounce",
        _text(
            "MDaemon@x.example",
            "MDaemon Warning - Delivery failed",
            "The attached message had permanent delivery errors",
        ),
    ),
    (
        "bounce",
        _text(
            "bounce-handler@x.example",
            "Your message could not be delivered",
            "550 5.1.1 gone@client.example unknown",
            Return_Path="<>",
        ),
    ),
    (
        "bounce",
        _text(
            "Postmaster <postmaster@x.example>",
            "Zustellung der Nachricht fehlgeschlagen",
            "Die Nachricht konnte nicht zugestellt werden.",
        ),
    ),
    (
        "bounce",
        _text(
            "Mailer-Daemon <mailer-daemon@x.example>",
            "Rapport de non-remise",
            "Le message suivant n'a pas pu être remis",
        ),
    ),
    (
        "bounce",
        _text(
            "amavisd <postmaster@x.example>",
            "Rejected mail: BANNED contents",
            "our content checker found banned name",
            kind="multipart/report; report-type=delivery-status; boundary=x",
        ),
    ),
    (
        "auto-reply",
        _text("Jean <jean@x.example>", "Absent", "Je suis absent jusqu'au 3 novembre", Auto_Submitted="auto-replied"),
    ),
    (
        "auto-reply",
        _text(
            "Jean <jean@x.example>",
            "Absence : Votre lampe",
            "Bonjour, je suis en congés jusqu'au 16.",
            X_Auto_Response_Suppress="All",
        ),
    ),
    ("auto-reply", _text("Jean <jean@x.example>", "Re: Votre lampe", "Je suis en vacances", Precedence="auto_reply")),
    ("auto-reply", _text("Jane <jane@x.example>", "Re: lamp", "I am on leave", X_Autoreply_From="jane@x.example")),
    (
        "auto-reply",
        _text(
            "Jane <jane@x.example>", "Accusé de réception", "Nous avons bien reçu votre message", X_Autoresponder="yes"
        ),
    ),
    ("auto-reply", _text("Jane <jane@x.example>", "OOO Re: lamp", "I will be out of the office until Monday")),
    ("auto-reply", _text("Jane <jane@x.example>", "[Auto-Reply] lamp", "I am out of office", Precedence="bulk")),
    ("auto-reply", _text("Jane <jane@x.example>", "Abwesend: lamp", "Ich bin im Urlaub bis 3.11.")),
    (
        "auto-reply",
        _text("Jane <jane@x.example>", "Out of Office AutoReply: lamp", "I will return on 4 Nov.", Return_Path="<>"),
    ),
    (
        "auto-reply",
        _text(
            "Jane <jane@x.example>",
            "Automatic reply: lamp",
            "Thank you for your message. I will be back on Monday.",
            In_Reply_To="<t1@acme.example>",
        ),
    ),
    (
        "auto-reply",
        _text(
            "Jane <jane@x.example>",
            "Automatische Antwort: Leuchte",
            "Vielen Dank für Ihre Nachricht. Wir melden uns in Kürze.",
            In_Reply_To="<t1@acme.example>",
        ),
    ),
    (
        "auto-reply",
        _text(
            "Jane <jane@x.example>",
            "Réponse automatique : Votre lampe",
            "Merci pour votre message, nous vous répondrons sous 48 h.",
            In_Reply_To="<t1@acme.example>",
        ),
    ),
    (
        "",
        _text(
            "Dana <dana@x.example>",
            "Re: Réponse automatique : Votre lampe",
            "Merci, mais quand ?",
            In_Reply_To="<t1@acme.example>",
        ),
    ),
    ("", _text("Dana <dana@x.example>", "RE: Automatic reply: lamp", "But when?", In_Reply_To="<t1@acme.example>")),
    ("", _text("Dana <postman@x.example>", "Undeliverable: x", "My parcel")),
    ("", _text("Postmaster Dana <dana@x.example>", "failure notice", "My heating shows a failure notice")),
    (
        "",
        _text("Dana <dana@x.example>", "Delivery failure", "It was returned to sender", Return_Path="<dana@x.example>"),
    ),
    ("", _text("Dana <dana@x.example>", "Automatic doors", "The automatic door is broken")),
    (
        "",
        _text(
            "Dana <dana@x.example>",
            "Automatic reply system of your shop",
            "How do I switch off your automatic replies? I am out of patience.",
        ),
    ),
    ("", _text("Dana <dana@x.example>", "Auto", "I want to sell my car", X_Mailer="x")),
    (
        "",
        _text(
            "Dana <dana@x.example>", "Hello", "I was out of the office when your technician came.", Auto_Submitted="no"
        ),
    ),
    ("", _text("Dana <dana@x.example>", "Hello", "x", X_Auto_Response_Suppress="None")),
    (
        "complaint",
        _text("abuse@isp.example", "Abuse report", "x", "multipart/report; report-type=feedback-report; boundary=x"),
    ),
    ("list", _text("x@lists.example", "[users] hi", "hi", List_Id="<users.lists.example>")),
    (
        "report",
        _text(
            "noreply@tls.example",
            "Report Domain: acme.example Submitter: x Report-ID: <1>",
            "",
            "multipart/report; report-type=tlsrpt; boundary=x",
        ),
    ),
]
