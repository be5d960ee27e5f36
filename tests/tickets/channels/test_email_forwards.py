# ruff: noqa: E501 (mails keep their lines)
"""Whose mail was passed on: below the forwarder's words, quoted, or attached whole."""

import pytest

from tests.mail import replies, special
from tickets.channels import email_parse
from tickets.channels.email_shapes import Forwarded

ORIGINAL = "Bonjour,\n\nJe voudrais un devis pour 24 chandeliers.\n\nJean"


def forwarded(subject: str, body: str) -> Forwarded | None:
    head = f"From: Anna <anna@acme.example>\nTo: support@acme.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n"
    return email_parse.parse((head + body).encode()).forward


GMAIL = {
    "en": (
        "Fwd: Devis",
        "---------- Forwarded message ---------\nFrom: Jean Valjean <jean@valjean.example>\nDate: Sat, Oct 31, 2026 at 10:10 PM\nSubject: Devis\nTo: <anna@acme.example>\n\n\n",
    ),
    "fr": (
        "Fwd: Devis",
        "---------- Message transféré ---------\nDe : Jean Valjean <jean@valjean.example>\nDate: sam. 31 oct. 2026 à 22:10\nSubject: Devis\nTo: Anna <anna@acme.example>\n\n\n",
    ),
    "de": (
        "Fwd: Devis",
        "---------- Weitergeleitete Nachricht ---------\nVon: Jean Valjean <jean@valjean.example>\nDatum: Sa., 31. Okt. 2026 um 22:10\nBetreff: Devis\nAn: Anna <anna@acme.example>\n\n\n",
    ),
}
OUTLOOK = {
    "en": (
        "FW: Devis",
        "From: Jean Valjean <jean@valjean.example> \nSent: Saturday, October 31, 2026 10:10 PM\nTo: Anna <anna@acme.example>\nSubject: Devis\n\n",
    ),
    "fr": (
        "TR: Devis",
        "De : Jean Valjean <jean@valjean.example>\nEnvoyé : samedi 31 octobre 2026 22:10\nÀ : Anna <anna@acme.example>\nObjet : Devis\n\n",
    ),
    "de": (
        "WG: Devis",
        "Von: Jean Valjean <jean@valjean.example>\nGesendet: Samstag, 31. Oktober 2026 22:10\nAn: Anna <anna@acme.example>\nBetreff: Devis\n\n",
    ),
}
APPLE = {
    "en": (
        "Fwd: Devis",
        "Begin forwarded message:\n\n> From: Jean Valjean <jean@valjean.example>\n> Subject: Devis\n> Date: 31 October 2026 at 22:10:00 CET\n> To: anna@acme.example\n> \n",
    ),
    "fr": (
        "Tr : Devis",
        "Début du message réexpédié :\n\n> De: Jean Valjean <jean@valjean.example>\n> Objet: Devis\n> Date: 31 octobre 2026 à 22:10:00 UTC+1\n> À: anna@acme.example\n> \n",
    ),
    "de": (
        "Fwd: Devis",
        "Anfang der weitergeleiteten Nachricht:\n\n> Von: Jean Valjean <jean@valjean.example>\n> Betreff: Devis\n> Datum: 31. Oktober 2026 um 22:10:00 MEZ\n> An: anna@acme.example\n> \n",
    ),
}
THUNDERBIRD = {
    "en": (
        "Fwd: Devis",
        "-------- Forwarded Message --------\nSubject: \tDevis\nDate: \tSat, 31 Oct 2026 22:10:00 +0100\nFrom: \tJean Valjean <jean@valjean.example>\nTo: \tanna@acme.example\n\n\n\n",
    ),
    "fr": (
        "Fwd: Devis",
        "-------- Message transféré --------\nSujet : \tDevis\nDate : \tSat, 31 Oct 2026 22:10:00 +0100\nDe : \tJean Valjean <jean@valjean.example>\nPour : \tanna@acme.example\n\n\n\n",
    ),
    "de": (
        "WG: Devis",
        "-------- Weitergeleitete Nachricht --------\nBetreff: \tDevis\nDatum: \tSat, 31 Oct 2026 22:10:00 +0100\nVon: \tJean Valjean <jean@valjean.example>\nAn: \tanna@acme.example\n\n\n\n",
    ),
}
ALL = [(name, language) for name in ("GMAIL", "OUTLOOK", "APPLE", "THUNDERBIRD") for language in ("en", "fr", "de")]


@pytest.mark.parametrize(("program", "language"), ALL)
@pytest.mark.parametrize("comment", ["", "Can you take this one?"])
def test_who_wrote_the_mail_that_is_passed_on(program: str, language: str, comment: str) -> None:
    subject, head = globals()[program][language]
    words = "\n".join(f"> {line}".rstrip() for line in ORIGINAL.split("\n")) if program == "APPLE" else ORIGINAL
    found = forwarded(subject, f"{comment}\n\n{head}{words}\n")
    assert found is not None
    assert (found.how, found.name, found.address) == ("inline", "Jean Valjean", "jean@valjean.example")
    assert (found.subject, found.comment, found.text) == ("Devis", comment, ORIGINAL)
    assert found.to == ("anna@acme.example",)
    assert "31" in found.date


def test_the_newest_text_of_a_forward_has_what_is_passed_on() -> None:
    subject, head = OUTLOOK["fr"]
    raw = f"From: anna@acme.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\nPour vous.\n\n{head}{ORIGINAL}\n"
    assert ORIGINAL in email_parse.parse(raw.encode()).newest_text


def test_an_exchange_address_without_an_address_gives_the_name() -> None:
    found = forwarded(
        "TR: X", "De : Valjean Jean\nEnvoyé : samedi 31 octobre 2026 22:10\nÀ : Anna\nObjet : X\n\nBonjour\n"
    )
    assert found is not None
    assert (found.name, found.address) == ("Valjean Jean", "")


def test_the_old_outlook_form_of_an_address() -> None:
    found = forwarded(
        "TR: X",
        "De : Valjean Jean [mailto:Jean@Valjean.example]\nEnvoyé : samedi 31 octobre 2026 22:10\nÀ : Anna\nObjet : X\n\nBonjour\n",
    )
    assert found is not None
    assert (found.name, found.address) == ("Valjean Jean", "jean@valjean.example")


def test_a_mail_attached_whole() -> None:
    found = email_parse.parse(special.MAILS["forwarded whole"]).forward
    assert found == Forwarded(
        how="attached",
        name="Jean Valjean",
        address="jean@valjean.example",
        subject="Vingt-quatre chandeliers",
        date="Mon, 02 Nov 2026 10:00:00 +0100",
        message_id="<orig@valjean.example>",
        text="Je voudrais un devis.",
        to=("jeanne@martin.example",),
        comment="Pouvez-vous traiter ceci ?",
    )


def test_an_answer_passes_nothing_on() -> None:
    assert [reply.name for reply in replies.replies(4) if email_parse.parse(reply.raw).forward] == []


@pytest.mark.parametrize(
    "body",
    ["Please see the forwarded message.", "Forwarded message:\nnothing", "---------- Forwarded message ---------\n"],
)
def test_words_about_forwarding_pass_nothing_on(body: str) -> None:
    assert forwarded("Fwd: x", body) is None
