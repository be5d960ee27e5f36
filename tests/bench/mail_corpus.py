"""The mixed mails that the benchmarks of mail read, and the standard library's way of reading them."""

import email
import email.policy
import random
from email.message import EmailMessage

WORDS = """account address amount answer article basket blue broken bridge cancel card change colour contract customer
damaged date delay delivery discount door email exchange friday garden green handle help hour invoice january kettle label
late letter list lost manual march meter missing model monday money month morning number office open order paper parcel part
password payment phone piece price product question receipt red refund repair reply return screen serial service shelf ship
shop size small spring start step store street summer table time today track train transfer tuesday update value warranty
week wheel window winter word wrong year yellow yesterday""".split()


def mixed(choose: random.Random, count: int) -> list[bytes]:
    """Plain, HTML, with an attachment, and answers with quoted text, as they come mixed."""
    return [_mail(number, ("plain", "html", "attached", "quoted")[number % 4], choose) for number in range(count)]


def _mail(number: int, kind: str, choose: random.Random) -> bytes:
    paragraphs = [" ".join(choose.choices(WORDS, k=60)) for _ in range(5)]
    message = EmailMessage()
    message["From"] = f"Customer {number} <customer{number}@example.net>"
    message["To"] = "support@example.com"
    message["Subject"] = " ".join(choose.choices(WORDS, k=6))
    message["Message-ID"] = f"<bench-{number}@example.net>"
    message["Date"] = "Sat, 21 Nov 2026 10:00:00 +0100"
    text = "\n\n".join(paragraphs)
    if kind == "quoted":
        text += "\n\nOn Fri, 20 Nov 2026 at 09:00, Shop <shop@example.com> wrote:\n> " + "\n> ".join(paragraphs)
    message.set_content(text)
    if kind == "html":
        message.add_alternative("".join(f"<p>{line}</p>" for line in paragraphs), subtype="html")
    if kind == "attached":
        message.add_attachment(
            choose.randbytes(60_000), maintype="application", subtype="octet-stream", filename="a.bin"
        )
    return message.as_bytes()


def stdlib_parse(raw: bytes) -> None:
    """Read every part of a mail as the standard library does."""
    for part in email.message_from_bytes(raw, policy=email.policy.default).walk():
        if not part.is_multipart():
            part.get_content()
