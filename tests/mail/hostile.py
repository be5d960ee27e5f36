"""Mail that nobody meant well, mail that went through bad machines, and thousands of mails damaged at random."""

import importlib.util
import random
from collections.abc import Iterator
from pathlib import Path

from tests.mail import charsets, machines, replies, special

HERE = Path(__file__).resolve().parent

HOSTILE: dict[str, bytes] = {
    "quotation marks": b'From: "' + b'"' * 50_000 + b"<a@x.example>\nSubject: x\n\nwords",
    "pairs of quotation marks": b"From: " + b'"" ' * 17_000 + b"<a@x.example>\nTo: " + b'"\\"' * 17_000 + b"\n\nwords",
    "open comments": b"From: " + b"(" * 50_000 + b" <a@x.example>\nSubject: x\n\nwords",
    "closed comments": b"From: " + b"()" * 25_000 + b" <a@x.example>\nSubject: x\n\nwords",
    "comments everywhere": b"From: a" + b"(b(c)" * 20_000 + b"@x.example\nDate: " + b"(" * 50_000 + b"\n\nwords",
    "angle brackets": b"To: " + b"<" * 50_000 + b"\nCc: " + b"<a@b>," * 20_000 + b"\n\nwords",
    "ten thousand parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nwords\n" * 10_000 + b"--b--\n",
    "two hundred thousand parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
    "1,500 nested parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(1_500)
    )
    + b"\nwords",
    "same boundary nested": b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 2_000 + b"\nwords",
    "1,500 nested mails": b"Content-Type: message/rfc822\n\n" * 1_500 + b"\nwords",
    "boundary of blanks": b'Content-Type: multipart/mixed; boundary="   "\n\n--   \n\nwords\n--   --\n',
    "100,000 headers": b"X-A: b\n" * 100_000 + b"\nwords",
    "one endless header": b"Subject: " + b"=?utf-8?q?a?= " * 200_000 + b"\n\nwords",
    "half encoded words": b"Subject: " + b"=?utf-8?q?" * 100_000 + b"\n\nwords",
    "folded for ever": b"Subject: x" + b"\n x" * 200_000 + b"\n\nwords",
    "endless references": b"References: " + b"<a@b> " * 100_000 + b"\nIn-Reply-To: " + b"<" * 100_000 + b"\n\nwords",
    "endless parameters": b"Content-Type: text/plain" + b'; a="' * 100_000 + b"\n\nwords",
    "many parameters": b"Content-Type: text/plain" + b"; a=b" * 100_000 + b"\n\nwords",
    "continued parameters": b"Content-Disposition: attachment"
    + b"".join(b"; filename*%d*=%%41" % i for i in range(20_000))
    + b"\n\nwords",
    "deep html": b"Content-Type: text/html\n\n" + b"<div>" * 200_000 + b"words",
    "deep quotes": b"Content-Type: text/html\n\n" + b"<blockquote type=cite>" * 1_900 + b"words",
    "attributes": b"Content-Type: text/html\n\n<p " + b"a1=2 " * 200_000 + b">words",
    "script openings": b"Content-Type: text/html\n\nwords" + b"<script>" * 100_000,
    "many paragraphs": b"Content-Type: text/html\n\n" + b"<p>words" * 100_000,
    "many tables": b"Content-Type: text/html\n\n" + b"<table><tr><td>words" * 1_500,
    "html comments": b"Content-Type: text/html\n\n" + b"<!-- " * 100_000 + b"words",
    "entities": b"Content-Type: text/html\n\n" + b"&amp" * 200_000 + b"words",
    "quote marks in text": b"Subject: x\n\nwords\n" + b">" * 500_000,
    "quoted lines": b"Subject: Re: x\n\nwords\n" + b"> x\n" * 200_000,
    "wrote, wrote, wrote": b"Subject: x\n\nwords\n" + b"On a wrote On b wrote Am schrieb " * 20_000 + b":\n",
    "many wrote lines": b"Subject: x\n\nwords\n" + b"On Monday 12:30 somebody wrote: and\n" * 20_000,
    "many colons": b"Subject: x\n\nwords\n" + b"Le 3 nov. 2026 a b c :\n" * 20_000,
    "on, on, on": b"Subject: x\n\nwords\n" + b"On " * 130 + b"wrote:\n" * 5_000,
    "many From lines": b"Subject: x\n\nwords\n" + b"From: a@b.example\n" * 50_000,
    "many header lines": b"Subject: x\n\nwords\n" + b"From: a\nTo: b\nCc: c\n\n" * 20_000,
    "many closings": b"Subject: x\n\nwords\n" + b"Cordialement,\nJean\n" * 20_000,
    "many rules": b"Subject: x\n\nwords\n" + b"_" * 70 + b"\n" * 20_000,
    "long words": b"Subject: x\n\nwords " + b"Zustellung" * 40_000,
    "blank lines": b"Subject: x\n\nwords" + b"\n" * 500_000 + b"words",
    "blanks": b"Subject: x\n\nwords" + b" " * 500_000 + b"words",
    "base64 noise": b"Content-Transfer-Encoding: base64\n\n" + b"d29yZHM=!!!\xff" * 50_000,
    "one sign of base64": b"Content-Transfer-Encoding: base64\n\n" + b"A" * 1_000_001 + b"\n words",
    "broken RFC 2231": b"Content-Type: application/pdf; name*0*=utf-8''%ZZ; name*x=1; name*99999999999=b\n\nx",
    "tnef of lengths": b"Content-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: 8bit\n\n"
    + bytes.fromhex("789f3e220000")
    + b"\x02\x05\x90\x06\x00\xff\xff\xff\x7f" * 10_000,
    "calendar": b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n"
    + b'SUMMARY;X="' * 50_000
    + b"\nBEGIN:VEVENT\n" * 5_000,
    "ids": b"Message-ID: " + b"<<" * 50_000 + b"\nIn-Reply-To: " + b"<a@b" * 50_000 + b"\n\nwords",
    "dates": b"Date: " + b"1 Jan " * 20_000 + b"\n\nwords",
    "authentication": b"Authentication-Results: mx.acme.example; " + b"dkim=pass (" * 5_000 + b"\n\nwords",
    "delivery status": b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.example\n\n" * 50_000 + b"--b--",
    "status fields": b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    b"--b\nContent-Type: message/delivery-status\n\nA: b\n" + b" c\n" * 100_000 + b"--b--",
    "only NULs": b"\x00" * 500_000,
    "NULs in headers": b"Fr\x00om: a@x.example\nSubject: a\x00b\x00c\nFrom: \x00b@x.example\n\nwo\x00rds words",
    "only newlines": b"\n" * 500_000,
    "carriage returns": b"Subject: x\r\r\nFrom: a@b.example\r\r\n\r\r\nwords\r" * 1_000,
    "surrogates": b"Subject: =?utf-7?q?+2AA-?= =?utf-16?b?2AA=?=\nContent-Type: text/plain; charset=utf-7\n\nwords +2AA- words",
    "a megabyte on one line": b"Subject: x\n\nwords " + b"x" * 1_000_000,
    "a comma-separated world": b"To: " + b"a@b.example, " * 50_000 + b"\n\nwords",
    "group of groups": b"To: " + b"a:" * 50_000 + b"\n\nwords",
    "escapes": b'From: "' + b"\\" * 50_000 + b'" <a@x.example>\n\nwords',
    "japanese escapes": b"Content-Type: text/plain; charset=iso-2022-jp\n\nwords " + b"\x1b$B" * 50_000,
    "utf-16 half": b"Content-Type: text/plain; charset=utf-16\n\n" + b"\xff\xfe" + b"w\x00" * 100_001 + b"x",
    "huge charset": b"Content-Type: text/plain; charset=" + b"x" * 100_000 + b"\n\nwords",
    "uuencoded for ever": b"Content-Transfer-Encoding: uuencode\n\nbegin 644 x\n" + b"M" + b"!" * 60 + b"\n" * 100_000,
    "pgp": b"Subject: x\n\nwords\n" + b"-----BEGIN PGP MESSAGE-----\n" * 20_000,
    "signatures": b"Subject: x\n\nwords\n" + b"-- \n" * 100_000,
}


def pool() -> list[bytes]:
    """Honest mails of every kind, to be damaged."""
    found = [path.read_bytes() for path in sorted(HERE.glob("*.eml"))]
    found += [reply.raw for reply in replies.replies(1)]
    found += [case.raw for case in machines.cases()][::3]
    found += [text.raw for text in charsets.texts()][::9]
    found += [named.raw for named in charsets.named_files()][::3]
    found += list(special.MAILS.values())
    return found + standard_library()


def standard_library() -> list[bytes]:
    """The mails on which the standard library tests its own parser, where it is installed with them."""
    found = importlib.util.find_spec("test")
    folder = Path(str(found.origin)).parent / "test_email" / "data" if found else Path("nowhere")
    return [path.read_bytes() for path in sorted(folder.glob("msg_*.txt"))]


def damaged(count: int, seed: int = 5) -> Iterator[bytes]:
    """Mails with pieces cut, doubled, overwritten, moved or taken from another one; the same every time."""
    choose = random.Random(seed)
    honest = pool()
    for _ in range(count):
        raw = bytearray(choose.choice(honest))
        for _ in range(choose.randint(1, 8)):
            _damage(raw, choose, honest)
        yield bytes(raw)


def _damage(raw: bytearray, choose: random.Random, honest: list[bytes]) -> None:
    at, span = choose.randint(0, len(raw)), choose.randint(1, 80)
    change = choose.randrange(8)
    if change == 0:
        del raw[at : at + span]
    elif change == 1:
        raw[at:at] = choose.randbytes(choose.randint(1, 30))
    elif change == 2:
        raw[at:at] = raw[at : at + span] * choose.randint(1, 20)
    elif change == 3:
        other = choose.choice(honest)
        start = choose.randint(0, len(other))
        raw[at:at] = other[start : start + span * 20]
    elif change == 4:
        raw[at : at + 1] = choose.choice((b"\x00", b'"', b"(", b"<", b"\r", b"\n", b"=", b";", b"\xff", b"\xc3", b"--"))
    elif change == 5:
        del raw[at:]
    elif change == 6:
        old, new = choose.choice(
            (
                (b"\r\n", b"\n"),
                (b"\n", b"\r"),
                (b"utf-8", b"utf-16"),
                (b"base64", b"quoted-printable"),
                (b"text/", b"multipart/"),
            )
        )
        raw[:] = raw.replace(old, new, choose.randint(1, 50))
    else:
        raw[at:at] = choose.choice(
            (b"\n\n", b"\r\n--=_b\r\n", b"=?utf-8?B?", b"Content-Type: multipart/mixed; boundary=b\n", b"=?punycode?q?")
        )
