"""What is read from mails as real programs write them, and from bytes that nobody meant well."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.mail.hostile import HOSTILE
from tests.mail.measure import unstorable
from tickets.channels import email_parse
from tickets.channels.email_headers import Address, parse_addresses
from tickets.channels.email_parse import ParsedMail
from tickets.channels.email_shapes import Report

MAILS = Path(__file__).resolve().parents[2] / "mail"
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))


def read(name: str) -> ParsedMail:
    return email_parse.parse((MAILS / f"{name}.eml").read_bytes(), authserv_ids={"mx.acme.example"})


NEWEST = {
    "apple_en_reply": "Here is what I need:\n\n- the contract\n- the last three invoices\n- a contact for delivery\n\n"
    "Thanks, that would help a lot.",
    "apple_fr_reply": "D’accord pour mardi 14h, merci.",
    "attachment": "The contract is attached.",
    "authentication_below": "Hello.",
    "auto_reply_fr": "Bonjour, nous avons bien reçu votre message et y répondrons sous 48 heures.",
    "bounce_dsn": "This is the mail system at host mx.acme.example.\n\n<nobody@client.example>: host mail.client.example"
    "[192.0.2.9] said: 550 5.1.1\n    User unknown (in reply to RCPT TO command)",
    "bounce_qmail": "Hi. This is the qmail-send program at mail.isp.example.\nI'm afraid I wasn't able to deliver your message"
    " to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n<gone@isp.example>:\n"
    "Sorry, no mailbox here by that name. (#5.1.1)",
    "broken_multipart": "The words are here although no boundary is.",
    "complaint_arf": "This is an email abuse report.",
    "forwarded_as_attachment": "See attached.",
    "forwarded_fr": "Bonjour, pouvez-vous traiter ceci ?\n\n---------- Forwarded message ---------\n"
    "De : Jean Valjean <jean@valjean.example>\nDate: sam. 31 oct. 2026 à 22:10\nSubject: Devis\n"
    "To: Sophie Bernard <sophie@societe.example>\n\nJe voudrais un devis pour 24 chandeliers.",
    "gmail_en_reply": "I still see the old amount on the invoice.\n\nCould you send a corrected one?",
    "gmail_fr_reply": "Bonjour,\n\nMerci pour votre réponse. Le colis n'est toujours pas arrivé, pouvez-vous me rembourser ?"
    "\n\nClaire",
    "hostile_charset": "plain words with a NUL",
    "html_only_gmail_fr": "La panne est revenue.\n  * écran noir\n  * bip continu",
    "inline_image": "The screen shows this:\n\nWhat now?",
    "latin1_undeclared": "El paquete llegó dañado.",
    "list_newsletter": "Gadgets\n\nBuy now.",
    "malformed_message_id": "The brushes lose hair.",
    "no_headers": "My printer is on fire and nobody answers the phone.\nPlease help.",
    "only_a_body_after_blank": "Subject missing, everything missing, but words: remboursement.",
    "out_of_office_en": "I am out of the office until 16 November.",
    "outlook_de_reply": "Die Lieferung ist unvollständig, es fehlen zwei Kartons.",
    "outlook_en_reply": "It works now, but the report is empty.",
    "outlook_fr_reply": "Bonjour,\n\nLe montant prélevé reste erroné : 120 € au lieu de 100.",
    "smime_and_calendar": "Shall we meet on Tuesday?",
    "spoofed_sender": "Pay.",
    "thunderbird_en_reply": "The replacement arrived broken too. I would like my money back, please, not another lamp.",
    "thunderbird_fr_inline": "C'est le 55-1234.\n\nDepuis lundi matin, et le voyant rouge reste allumé toute la journée.",
    "unknown_charset": "Båten er ødelagt.",
    "uuencode_windows": "",
    "wrong_utf8": "Café crème \ufffd",
}
MACHINES = {
    "auto_reply_fr": "auto-reply",
    "out_of_office_en": "auto-reply",
    "bounce_dsn": "bounce",
    "bounce_qmail": "bounce",
    "complaint_arf": "complaint",
    "list_newsletter": "list",
}
PROBLEMS = {
    "broken_multipart": ["broken_multipart"],
    "hostile_charset": ["unknown_charset"],
    "latin1_undeclared": ["undecodable_text"],
    "malformed_message_id": ["bad_message_id"],
    "no_headers": ["no_headers", "no_message_id", "no_sender"],
    "only_a_body_after_blank": ["no_headers", "no_message_id", "no_sender"],
    "spoofed_sender": ["bad_date", "name_is_address", "several_senders"],
    "unknown_charset": ["unknown_charset"],
    "wrong_utf8": ["undecodable_text"],
}
TRUSTS = {"gmail_fr_reply": "verified", "gmail_en_reply": "failed"}


@pytest.mark.parametrize("name", NAMES)
def test_the_newest_words_are_what_the_sender_typed(name: str) -> None:
    assert read(name).newest_text == NEWEST[name]


@pytest.mark.parametrize("name", NAMES)
def test_machines_are_told_from_people(name: str) -> None:
    assert read(name).machine == MACHINES.get(name)


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_read_is_named(name: str) -> None:
    assert read(name).problems == PROBLEMS.get(name, [])


@pytest.mark.parametrize("name", NAMES)
def test_only_the_topmost_result_of_our_own_server_counts(name: str) -> None:
    assert read(name).trust == TRUSTS.get(name, "unverified")


def test_without_a_configured_server_nothing_is_verified() -> None:
    assert email_parse.parse((MAILS / "gmail_fr_reply.eml").read_bytes()).trust == "unverified"


def test_the_envelope_of_a_french_gmail_reply() -> None:
    mail = read("gmail_fr_reply")
    assert mail.message_id == "<CAKx1=r9Qd5v+Zy_7M0@mail.gmail.example>"
    assert mail.in_reply_to == "<t42.7.abcdefghij@acme.example>"
    assert mail.references == ["<t42.7.abcdefghij@acme.example>"]
    assert (mail.from_name, mail.from_address) == ("Claire Moreau", "claire.moreau@gmail.example")
    assert mail.to == [Address("Support Acme", "support@acme.example")]
    assert mail.subject == "Re: Votre commande n° 4512 est en retard"
    assert mail.date == datetime(2026, 11, 12, 8, 14, 21, tzinfo=UTC)
    assert "> Votre colis est en route." in mail.text
    assert mail.html.startswith('<div dir="ltr"><div>Bonjour,</div>')
    assert mail.attachments == []


def test_recipients_are_all_addresses_and_ancestors_begin_with_the_nearest() -> None:
    mail = read("gmail_en_reply")
    assert mail.recipients == ["support+k7d2m4q6s8@acme.example", "anna@baker.example", "support@acme.example"]
    assert mail.cc == [Address("Baker, Anna", "anna@baker.example")]
    assert mail.ancestors == ["<second@acme.example>", "<first@acme.example>"]


def test_a_malformed_message_id_is_kept_as_it_stood_and_does_not_hide_the_rest() -> None:
    mail = read("malformed_message_id")
    assert mail.message_id == "<"
    assert mail.in_reply_to == ""
    assert mail.references == ["<ok@acme.example>"]
    assert mail.from_address == "bob@paint.example"


def test_attachments_keep_their_bytes_and_lose_their_paths() -> None:
    found = [(part.name, part.type, part.data) for part in read("attachment").attachments]
    assert found == [
        ("Vertrag Nr. 12 über Licht.pdf", "application/pdf", b"%PDF-1.4 contract"),
        ("passwd.csv", "text/csv", b"a;b\n1;2"),
        ("attachment-3.bin", "application/octet-stream", b"\x00\x01\x02"),
    ]


def test_an_inline_image_stays_in_place_and_a_remote_one_is_held_back() -> None:
    mail = read("inline_image")
    assert mail.html == (
        '<p>The screen shows this:</p><img src="cid:shot-1@icloud"><p>What now?</p>'
        '<img data-remote-src="http://tracker.example/x.gif">'
    )
    assert [(part.name, part.content_id, part.is_inline) for part in mail.attachments] == [
        ("screen.png", "shot-1@icloud", True)
    ]


def test_script_in_html_mail_is_gone_from_html_and_text() -> None:
    mail = read("html_only_gmail_fr")
    assert "alert" not in mail.html + mail.text


def test_a_forwarded_mail_as_attachment_is_a_file_named_after_its_subject() -> None:
    assert [(part.name, part.type) for part in read("forwarded_as_attachment").attachments] == [
        ("Chandeliers - 24.eml", "message/rfc822")
    ]


def test_signature_and_calendar_parts_are_shown_as_what_they_are() -> None:
    assert [(part.name, part.type) for part in read("smime_and_calendar").attachments] == [
        ("attachment-1.ics", "text/calendar"),
        ("smime.p7s", "application/pkcs7-signature"),
    ]


def test_uuencoded_bodies_and_windows_subjects_are_read() -> None:
    mail = read("uuencode_windows")
    assert mail.subject == "Devis € 100"
    assert [(part.name, part.data) for part in mail.attachments] == [("note.txt", b"hello")]


def test_a_folded_header_injects_no_other_header() -> None:
    assert read("spoofed_sender").subject == "Pay now Bcc: everyone@acme.example"


def test_a_name_that_is_somebody_elses_address_is_not_shown() -> None:
    mail = read("spoofed_sender")
    assert (mail.from_name, mail.from_address) == ("", "eve@evil.example")


def test_a_delivery_report_names_recipient_and_original() -> None:
    assert read("bounce_dsn").report == Report(
        recipients=("nobody@client.example",),
        status="5.1.1",
        is_permanent=True,
        original_id="<t12.3.k7d2m4q6s8w2y4z6@acme.example>",
        action="failed",
        diagnostic="550 5.1.1 User unknown",
    )


def test_a_bounce_in_plain_words_is_understood_too() -> None:
    assert read("bounce_qmail").report == Report(
        recipients=("gone@isp.example",),
        status="5.1.1",
        is_permanent=True,
        original_id="<t13.2.aaaabbbbccccdddd@acme.example>",
        action="failed",
        diagnostic="Sorry, no mailbox here by that name. (#5.1.1)",
    )


def test_an_abuse_report_names_the_message_it_is_about() -> None:
    assert read("complaint_arf").report == Report(
        recipients=("angry@isp.example",), original_id="<t5.1.eeeeffffgggghhhh@acme.example>", feedback="abuse"
    )


def test_language_headers_are_a_hint() -> None:
    assert {name: read(name).language for name in ("outlook_fr_reply", "outlook_de_reply", "apple_en_reply")} == {
        "outlook_fr_reply": "fr",
        "outlook_de_reply": "de",
        "apple_en_reply": "",
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a@x.example", [Address("", "a@x.example")]),
        (
            '"Doe, John" <J.Doe@X.example>, b@y.example',
            [Address("Doe, John", "j.doe@x.example"), Address("", "b@y.example")],
        ),
        ("John (the (other) one) <john@x.example>", [Address("John", "john@x.example")]),
        ("Team: a@x.example, b@x.example;", [Address("", "a@x.example"), Address("", "b@x.example")]),
        ("=?utf-8?Q?Doe=2C_Jane?= <jane@x.example>", [Address("Doe, Jane", "jane@x.example")]),
        ("nobody", [Address("nobody", "")]),
        ("jean@x.example (Jean Valjean)", [Address("Jean Valjean", "jean@x.example")]),
        ("<>", []),
        ("undisclosed-recipients:;", []),
        ("<a@x.example>victim@y.example", [Address("", "a@x.example")]),
    ],
)
def test_address_headers_are_read_as_people_mean_them(value: str, expected: list[Address]) -> None:
    assert parse_addresses(value, []) == expected


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_mail_costs_little(name: str) -> None:
    started = time.process_time()
    mail = email_parse.parse(HOSTILE[name])
    assert time.process_time() - started < 5
    assert not [problem for problem in mail.problems if problem.startswith("parser_")]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A real mail with pieces cut, doubled, overwritten or taken from another mail."""
    raw = bytearray((MAILS / f"{draw(st.sampled_from(NAMES))}.eml").read_bytes())
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(raw)))
        span = draw(st.integers(0, 60))
        change = draw(st.integers(0, 3))
        if change == 0:
            del raw[at : at + span]
        elif change == 1:
            raw[at:at] = draw(st.binary(max_size=30))
        elif change == 2:
            raw[at:at] = raw[at : at + span]
        else:
            other = (MAILS / f"{draw(st.sampled_from(NAMES))}.eml").read_bytes()
            start = draw(st.integers(0, len(other)))
            raw[at:at] = other[start : start + span * 10]
    return bytes(raw)


@given(mutated())
@settings(max_examples=250, deadline=5_000, suppress_health_check=[HealthCheck.too_slow])
def test_mutated_mail_never_raises_and_is_always_storable(raw: bytes) -> None:
    mail = email_parse.parse(raw)
    assert unstorable(mail) == []
    assert not [problem for problem in mail.problems if problem.startswith("parser_")]


@given(st.binary(max_size=2_000))
@settings(max_examples=250, deadline=5_000)
def test_any_bytes_at_all_are_a_mail(raw: bytes) -> None:
    mail = email_parse.parse(raw)
    assert unstorable(mail) == []
    assert not [problem for problem in mail.problems if problem.startswith("parser_")]


READABLE = sorted(
    set(HOSTILE)
    - {"two hundred thousand parts", "same boundary nested", "100,000 headers", "html comments", "one sign of base64"}
    - {"only NULs", "only newlines", "utf-16 half", "uuencoded for ever"}
)


@pytest.mark.parametrize("name", READABLE)
def test_the_words_of_hostile_mail_survive(name: str) -> None:
    mail = email_parse.parse(HOSTILE[name])
    assert "words" in mail.text or mail.attachments


def test_subjects_are_read_in_whatever_way_they_were_written() -> None:
    written = {
        b"=?utf-8?Q?R=C3=A9ponse_=C3=A0_votre?=": "Réponse à votre",
        b"=?utf-8?Q?R=C3=A9ponse =C3=A0 votre?=": "Réponse à votre",
        b"=?utf-8?q?R=C3?= =?utf-8?q?=A9ponse?=": "Réponse",
        "=?utf-8*fr?q?R=C3=A9ponse?= de l'été".encode(): "Réponse de l'été",
        b"=?iso-8859-1?q?=E9t=E9?= 100 =?windows-1252?q?=80?=": "été 100 €",
        b"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=\n =?iso-2022-jp?B?GyRCOGwbKEI=?=": "日本語",
        b"=?gb2312?B?xPq6ww==?=": "您好",
        "Éléphant € 5".encode("cp1252"): "Éléphant € 5",
        b"a=?b?c": "a=?b?c",
    }
    found = {raw: email_parse.parse(b"Subject: " + raw + b"\n\nwords").subject for raw in written}
    assert found == written


def test_a_raw_subject_is_read_in_the_charset_of_the_text_below_it() -> None:
    parts = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=koi8-r\n\n"
    raw = b"Subject: " + "Привет мир".encode("koi8-r") + b"\n" + parts + "Привет".encode("koi8-r") + b"\n--b--\n"
    mail = email_parse.parse(raw)
    assert (mail.subject, mail.text) == ("Привет мир", "Привет")


def test_a_plain_half_that_only_apologises_does_not_hide_the_words() -> None:
    parts = (
        b"Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nPlease use an HTML program.\n"
        b"--b\nContent-Type: text/html\n\n<p>"
        + b"My lamp is broken since Monday, please help me. " * 5
        + b"</p>\n--b--\n"
    )
    assert "My lamp is broken" in email_parse.parse(b"Subject: x\n" + parts).newest_text
