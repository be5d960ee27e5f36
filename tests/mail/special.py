# ruff: noqa: E501 (mails keep their lines)
"""Mails with parts that are more than files, written as Outlook, Google, Apple and signing programs write them."""

import base64
import struct
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

HEAD = b"From: Jeanne <jeanne@martin.example>\r\nTo: support@acme.example\r\nSubject: special\r\nMessage-ID: <special@martin.example>\r\nDate: Tue, 03 Nov 2026 11:00:00 +0100\r\nMIME-Version: 1.0\r\n"


def part(kind: str, data: bytes, *, name: str = "", disposition: str = "attachment") -> bytes:
    """One part in base64."""
    named = f'; name="{name}"' if name else ""
    placed = f'Content-Disposition: {disposition}; filename="{name}"\r\n' if name else ""
    return (
        f"Content-Type: {kind}{named}\r\n{placed}Content-Transfer-Encoding: base64\r\n\r\n".encode()
        + base64.encodebytes(data)
    )


def mixed(*parts: bytes, kind: str = "multipart/mixed") -> bytes:
    """A mail of these parts."""
    body = b"".join(b"--=_s\r\n" + one + b"\r\n" for one in parts)
    return HEAD + f'Content-Type: {kind}; boundary="=_s"\r\n\r\n'.encode() + body + b"--=_s--\r\n"


WORDS = b"Content-Type: text/plain; charset=utf-8\r\n\r\nVoir le document.\r\n"

# --- winmail.dat -----------------------------------------------------------------------------------------------------


def _attribute(level: int, number: int, kind: int, data: bytes) -> bytes:
    return struct.pack("<BHHI", level, number, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _string(number: int, value: str) -> bytes:
    data = (value + "\x00").encode("utf-16-le")
    return struct.pack("<HHII", 0x1F, number, 1, len(data)) + data + b"\x00" * (-len(data) % 4)


def _binary(number: int, value: bytes) -> bytes:
    return struct.pack("<HHII", 0x102, number, 1, len(value)) + value + b"\x00" * (-len(value) % 4)


def _named_property() -> bytes:
    """A property of somebody's own, with a name, before the ones that matter."""
    name = "x-acme\x00".encode("utf-16-le")
    return (
        struct.pack("<HH", 0x03, 0x8001)
        + b"\x01" * 16
        + struct.pack("<II", 1, len(name))
        + name
        + b"\x00" * (-len(name) % 4)
        + struct.pack("<I", 7)
    )


def compressed_rtf(rtf: bytes) -> bytes:
    """RTF as Outlook compresses it, with literal bytes only, which the format allows."""
    body = bytearray()
    for start in range(0, len(rtf), 8):
        body += b"\x00" + rtf[start : start + 8]
    return struct.pack("<IIII", len(body) + 12, len(rtf), 0x75465A4C, 0) + bytes(body)


def tnef(*, html: str = "", text: str = "", rtf: bytes = b"", files: tuple[tuple[str, bytes], ...] = ()) -> bytes:
    """A winmail.dat."""
    properties = [_named_property(), _string(0x0037, "Devis d'été")]
    if text:
        properties.append(_string(0x1000, text))
    if rtf:
        properties.append(_binary(0x1009, compressed_rtf(rtf)))
    if html:
        properties.append(_binary(0x1013, html.encode("cp1252")))
    found = struct.pack("<IH", 0x223E9F78, 1) + _attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0))
    found += _attribute(1, 0x9003, 6, struct.pack("<I", len(properties)) + b"".join(properties))
    for name, data in files:
        found += _attribute(2, 0x9002, 6, b"\x01\x00" + b"\x00" * 12)
        found += _attribute(2, 0x800F, 6, data) + _attribute(2, 0x8010, 1, b"SHORT~1.DOC\x00")
        found += _attribute(
            2, 0x9005, 6, struct.pack("<I", 2) + _string(0x3707, name) + _string(0x370E, "application/pdf")
        )
    return found


# --- signatures ------------------------------------------------------------------------------------------------------


def _key() -> tuple[x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Jeanne Martin")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    return made.sign(key, hashes.SHA256()), key


def _signed(content: bytes) -> bytes:
    """An opaque S/MIME signature around a mail's content."""
    certificate, key = _key()
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content).add_signer(certificate, key, hashes.SHA256())
    return builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


def _encrypted(content: bytes) -> bytes:
    certificate, _key_of_it = _key()
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


INNER = mixed(WORDS, part("application/pdf", b"%PDF-1.4 x", name="contrat.pdf")).partition(b"MIME-Version: 1.0\r\n")[2]

# --- invitations and cards -------------------------------------------------------------------------------------------

CALENDAR = (
    "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\n"
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    'BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Paris:20261124T100000\r\nDTEND;TZID="Europe/Paris":20261124T110000\r\nRRULE:FREQ=WEEKLY\r\n'
    "ORGANIZER;CN=Anna Baker:mailto:anna@baker.example\r\nUID:7@google.example\r\nLOCATION:Lyon\\, salle 2\r\nSUMMARY:Visite\r\n  technique\\; suite\r\n"
    "STATUS:CONFIRMED\r\nBEGIN:VALARM\r\nSUMMARY:no\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Valjean;Jean;;;\r\nFN:Jean Valjean\r\nORG:Mairie;\r\nitem1.EMAIL;TYPE=work:jean@valjean.example\r\nTEL;TYPE=cell:+33 6 12 34 56 78\r\nEND:VCARD\r\n"

RTF = rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\pard Bonjour,\par le colis n'est pas arriv\'e9 \'e0 Orl\'e9ans. \u8364?120\par}"


def _forwarded() -> bytes:
    inner = EmailMessage(policy=SMTP)
    inner["From"], inner["To"], inner["Subject"] = (
        "Jean Valjean <jean@valjean.example>",
        "jeanne@martin.example",
        "Vingt-quatre chandeliers",
    )
    inner["Date"], inner["Message-ID"] = "Mon, 02 Nov 2026 10:00:00 +0100", "<orig@valjean.example>"
    inner.set_content("Je voudrais un devis.\n\nCordialement,\nJean Valjean")
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = (
        "Jeanne <jeanne@martin.example>",
        "support@acme.example",
        "TR: Vingt-quatre chandeliers",
    )
    mail.set_content("Pouvez-vous traiter ceci ?")
    mail.add_attachment(inner)
    return mail.as_bytes()


MAILS: dict[str, bytes] = {
    "winmail with files": mixed(WORDS, part("application/ms-tnef", tnef(text="again", files=(("Devis été.pdf", b"%PDF-1.4 a"), ("b.pdf", b"%PDF-1.4 b"))), name="winmail.dat")),
    "winmail with html only": HEAD + part("application/ms-tnef", tnef(html="<html><body><p>Le colis n'est pas arrivé à Orléans.</p></body></html>"), name="winmail.dat"),
    "winmail with text only": HEAD + part("application/ms-tnef", tnef(text="Le colis n'est pas arrivé à Orléans."), name="winmail.dat"),
    "winmail with rtf only": HEAD + part("application/ms-tnef", tnef(rtf=RTF), name="winmail.dat"),
    "winmail called a stream": mixed(WORDS, part("application/octet-stream", tnef(files=(("a.pdf", b"%PDF-1.4 a"),)), name="winmail.dat")),
    "winmail cut short": mixed(WORDS, part("application/ms-tnef", tnef(files=(("a.pdf", b"%PDF-1.4 a"), ("b.pdf", b"%PDF-1.4 b" * 50)))[:-200], name="winmail.dat")),
    "winmail that is none": mixed(WORDS, part("application/ms-tnef", b"nothing", name="winmail.dat")),
    "smime signed": mixed(WORDS, part("application/pkcs7-signature", b"0\x80", name="smime.p7s"), kind='multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256'),
    "smime opaque": HEAD + part("application/pkcs7-mime; smime-type=signed-data", _signed(INNER), name="smime.p7m"),
    "smime opaque unsaid": HEAD + part("application/x-pkcs7-mime", _signed(INNER), name="smime.p7m"),
    "smime encrypted": HEAD + part("application/pkcs7-mime; smime-type=enveloped-data", _encrypted(INNER), name="smime.p7m"),
    "pgp signed": mixed(WORDS, part("application/pgp-signature", b"-----BEGIN PGP SIGNATURE-----", name="signature.asc"), kind='multipart/signed; protocol="application/pgp-signature"'),
    "pgp encrypted": mixed(part("application/pgp-encrypted", b"Version: 1\r\n"), part("application/octet-stream", b"-----BEGIN PGP MESSAGE-----\r\n", name="encrypted.asc", disposition="inline"), kind='multipart/encrypted; protocol="application/pgp-encrypted"'),
    "pgp inline signed": HEAD + b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: SHA256\r\n\r\nVoir le document.\r\n-----BEGIN PGP SIGNATURE-----\r\n\r\niQEz\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n",
    "pgp inline encrypted": HEAD + b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEM\r\n-----END PGP MESSAGE-----\r\n",
    "pgp key": mixed(WORDS, part("application/pgp-keys", b"-----BEGIN PGP PUBLIC KEY BLOCK-----", name="key.asc")),
    "invitation": mixed(WORDS, b"Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n\r\n" + CALENDAR.encode(), kind="multipart/alternative"),
    "invitation of a day": mixed(WORDS, part("application/ics", CALENDAR.replace(";TZID=Europe/Paris:20261124T100000", ";VALUE=DATE:20261124").encode(), name="invite.ics")),
    "card": mixed(WORDS, part("text/vcard", CARD.encode(), name="jean.vcf")),
    "forwarded whole": _forwarded(),
    "kept elsewhere": mixed(WORDS, b'Content-Type: message/external-body; access-type=URL; url="https://files.example/plan.pdf"; name="plan.pdf"\r\n\r\nContent-Type: application/pdf\r\n\r\n'),
}  # fmt: skip
