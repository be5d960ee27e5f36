"""Parts that are more than files are shown as what they are, and opened where their words would be lost."""

import pytest

from tests.mail import special
from tickets.channels import email_parse, email_tnef
from tickets.channels.email_shapes import ParsedMail

LOST = "Le colis n'est pas arrivé à Orléans."


def read(name: str) -> ParsedMail:
    return email_parse.parse(special.MAILS[name])


def described(name: str) -> list[tuple[str, str, dict[str, str], int | None]]:
    return [(part.kind, part.title, part.details, part.attachment) for part in read(name).parts]


def test_files_are_taken_out_of_winmail_dat() -> None:
    mail = read("winmail with files")
    assert mail.text == "Voir le document."
    assert [(file.name, file.type, file.data, file.source) for file in mail.attachments[1:]] == [
        ("Devis été.pdf", "application/pdf", b"%PDF-1.4 a", "winmail.dat"),
        ("b.pdf", "application/pdf", b"%PDF-1.4 b", "winmail.dat"),
    ]
    assert described("winmail with files") == [("tnef", "Devis d'été", {"files": "Devis été.pdf, b.pdf"}, 0)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("winmail with html only", LOST),
        ("winmail with text only", LOST),
        ("winmail with rtf only", "Bonjour,\nle colis n'est pas arrivé à Orléans. €120"),
    ],
)
def test_words_that_are_only_in_winmail_dat_are_read(name: str, words: str) -> None:
    assert read(name).newest_text == words


def test_winmail_dat_is_known_by_its_name_and_a_broken_one_gives_what_it_has() -> None:
    assert [file.name for file in read("winmail called a stream").attachments] == ["winmail.dat", "a.pdf"]
    cut = read("winmail cut short")
    assert [file.name for file in cut.attachments[:2]] == ["winmail.dat", "a.pdf"]
    assert cut.problems == ["tnef_unreadable"]
    none = read("winmail that is none")
    assert (none.text, [file.name for file in none.attachments]) == ("Voir le document.", ["winmail.dat"])
    assert none.problems == ["tnef_unreadable"]


def test_every_beginning_of_a_winmail_dat_is_harmless() -> None:
    whole = special.tnef(html="<p>x</p>", rtf=special.RTF, files=(("a.pdf", b"abc"),))
    for end in range(len(whole)):
        email_tnef.read(whole[:end])


@pytest.mark.parametrize("name", ["smime opaque", "smime opaque unsaid"])
def test_an_opaque_signature_is_opened(name: str) -> None:
    mail = read(name)
    assert mail.newest_text == "Voir le document."
    assert [(file.name, file.source) for file in mail.attachments] == [("smime.p7m", ""), ("contrat.pdf", "smime.p7m")]
    assert described(name) == [("smime-signed", "", {"form": "opaque"}, 0)]


@pytest.mark.parametrize(
    ("name", "kind", "details", "place", "is_encrypted"),
    [
        ("smime signed", "smime-signed", {"form": "detached"}, 0, False),
        ("smime encrypted", "smime-encrypted", {}, 0, True),
        ("pgp signed", "pgp-signed", {"form": "mime"}, 0, False),
        ("pgp encrypted", "pgp-encrypted", {"form": "mime"}, 0, True),
        ("pgp inline signed", "pgp-signed", {"form": "inline"}, None, False),
        ("pgp inline encrypted", "pgp-encrypted", {"form": "inline"}, None, True),
        ("pgp key", "pgp-key", {}, 0, False),
    ],
)
def test_signed_and_encrypted_mail_is_said_to_be(
    name: str, kind: str, details: dict[str, str], place: int | None, is_encrypted: bool
) -> None:
    assert described(name) == [(kind, "", details, place)]
    assert read(name).encrypted is is_encrypted


def test_the_words_of_a_pgp_signature_in_the_text_are_no_armour() -> None:
    assert read("pgp inline signed").newest_text == "Voir le document."


def test_an_invitation_says_what_when_and_where() -> None:
    assert described("invitation") == [
        (
            "calendar",
            "Visite technique; suite",
            {
                "method": "REQUEST",
                "start": "2026-11-24T10:00",
                "end": "2026-11-24T11:00",
                "timezone": "Europe/Paris",
                "repeats": "yes",
                "organizer": "anna@baker.example",
                "uid": "7@google.example",
                "location": "Lyon, salle 2",
                "status": "CONFIRMED",
            },
            0,
        )
    ]
    ((_kind, _title, day, _place),) = described("invitation of a day")
    assert (day["start"], day["all_day"]) == ("2026-11-24", "yes")


def test_a_visiting_card_and_a_file_kept_elsewhere() -> None:
    card = {"emails": "jean@valjean.example", "phones": "+33 6 12 34 56 78", "organisation": "Mairie"}
    assert described("card") == [("contact", "Jean Valjean", card, 0)]
    assert described("kept elsewhere") == [("external", "plan.pdf", {"url": "https://files.example/plan.pdf"}, None)]


def test_a_mail_inside_says_who_wrote_it() -> None:
    details = {
        "from_name": "Jean Valjean",
        "from_address": "jean@valjean.example",
        "date": "2026-11-02T09:00:00+00:00",
        "message_id": "<orig@valjean.example>",
    }
    assert described("forwarded whole") == [("mail", "Vingt-quatre chandeliers", details, 0)]
