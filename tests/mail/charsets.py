# ruff: noqa: E501 (what people write keeps its lines)
"""Texts and file names in the charsets and encodings of the world, with what must be read from them."""

import base64
import quopri
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

TEXTS = {
    "fr": "Bonjour, le colis n'est pas arrivé à Orléans ; je suis très déçue. Où est-il passé ?",
    "fr euro": "Le montant prélevé est de 120 € au lieu de 100 €, « sans explication ».",
    "de": "Guten Tag, die Lieferung für Müller ist unvollständig: Größe, Füße und Schläuche fehlen.",
    "es": "El paquete llegó dañado mañana, ¿qué debo hacer? Señor Núñez",
    "pl": "Dzień dobry, przesyłka jeszcze nie dotarła, proszę o pilną odpowiedź. Dziękuję, Łukasz",
    "cs": "Dobrý den, zásilka ještě nedorazila, prosím o rychlou odpověď. Děkuji, Jiří",
    "ru": "Здравствуйте, посылка до сих пор не пришла, верните мне деньги пожалуйста.",
    "uk": "Добрий день, посилка досі не прийшла, поверніть мені гроші будь ласка.",
    "el": "Καλημέρα, το δέμα δεν έχει φτάσει ακόμη, παρακαλώ επιστρέψτε τα χρήματά μου.",
    "tr": "Merhaba, paketim hâlâ gelmedi, lütfen paramı iade edin. Teşekkürler, Işıl",
    "he": "שלום, החבילה עדיין לא הגיעה, אנא החזירו לי את הכסף.",
    "ar": "مرحبا، لم يصل الطرد بعد، من فضلكم أعيدوا لي نقودي.",
    "ja": "こんにちは。注文した商品がまだ届いていません。返金をお願いします。",
    "zh": "您好，我的包裹还没有收到，请问什么时候可以退款？谢谢。",
    "zh-tw": "您好，我的包裹還沒有收到，請問什麼時候可以退款？謝謝。",
    "ko": "안녕하세요. 주문한 상품이 아직 도착하지 않았습니다. 환불 부탁드립니다.",
    "th": "สวัสดีครับ พัสดุยังไม่มาถึง กรุณาคืนเงินให้ผมด้วย",
    "vi": "Xin chào, gói hàng vẫn chưa đến, vui lòng hoàn tiền cho tôi.",
}
# (label on the mail, Python's name of the charset it really is, the texts written in it)
LABELS = [
    ("utf-8", "utf-8", list(TEXTS)),
    ("UTF8", "utf-8", list(TEXTS)),
    ("utf-16", "utf-16", ["fr", "de", "ja"]),
    ("iso-8859-1", "latin-1", ["fr", "de", "es"]),
    ("ISO-8859-1", "cp1252", ["fr euro"]),
    ("iso-8859-15", "iso8859-15", ["fr", "de"]),
    ("windows-1252", "cp1252", ["fr", "fr euro", "de", "es"]),
    ("cp-1252", "cp1252", ["fr euro"]),
    ("x-ansi", "cp1252", ["fr euro"]),
    ("us-ascii", "utf-8", ["fr", "de"]),
    ("us-ascii", "cp1252", ["fr", "de"]),
    ("", "utf-8", list(TEXTS)),
    ("", "cp1252", ["fr", "fr euro", "de", "es"]),
    ("unknown-8bit", "utf-8", ["fr", "ru"]),
    ("utf-8", "cp1252", ["fr", "de", "es"]),
    ("iso-8859-1", "utf-8", ["fr", "fr euro", "de", "es", "pl", "ru"]),
    ("iso-8859-2", "iso8859-2", ["pl", "cs"]),
    ("windows-1250", "cp1250", ["pl", "cs"]),
    ("koi8-r", "koi8-r", ["ru"]),
    ("koi8-u", "koi8-u", ["uk"]),
    ("windows-1251", "cp1251", ["ru", "uk"]),
    ("iso-8859-5", "iso8859-5", ["ru"]),
    ("", "koi8-r", ["ru"]),
    ("", "cp1251", ["ru"]),
    ("iso-8859-7", "iso8859-7", ["el"]),
    ("windows-1253", "cp1253", ["el"]),
    ("iso-8859-9", "cp1254", ["tr"]),
    ("windows-1254", "cp1254", ["tr"]),
    ("windows-1255", "cp1255", ["he"]),
    ("iso-8859-8-i", "iso8859-8", ["he"]),
    ("windows-1256", "cp1256", ["ar"]),
    ("iso-2022-jp", "iso2022_jp", ["ja"]),
    ("us-ascii", "iso2022_jp", ["ja"]),
    ("shift_jis", "cp932", ["ja"]),
    ("x-sjis", "cp932", ["ja"]),
    ("euc-jp", "euc_jp", ["ja"]),
    ("", "cp932", ["ja"]),
    ("gb2312", "gb18030", ["zh"]),
    ("gbk", "gb18030", ["zh"]),
    ("x-gbk", "gb18030", ["zh"]),
    ("gb18030", "gb18030", ["zh"]),
    ("", "gb18030", ["zh"]),
    ("big5", "big5hkscs", ["zh-tw"]),
    ("", "big5", ["zh-tw"]),
    ("ks_c_5601-1987", "cp949", ["ko"]),
    ("euc-kr", "euc_kr", ["ko"]),
    ("", "cp949", ["ko"]),
    ("tis-620", "cp874", ["th"]),
    ("windows-874", "cp874", ["th"]),
    ("windows-1258", "cp1258", ["fr"]),
    ("macintosh", "mac_roman", ["fr", "de"]),
    ("x-mac-roman", "mac_roman", ["fr"]),
    ("utf-7", "utf-7", ["fr", "de", "ru"]),
    ("'utf-8'", "utf-8", ["fr"]),
    ("3Dutf-8", "utf-8", ["fr"]),
    ("utf-8;", "utf-8", ["fr"]),
]


@dataclass(frozen=True, slots=True)
class Text:
    """A mail and the words and subject that must be read from it."""

    name: str
    raw: bytes
    words: str


def texts() -> Iterator[Text]:
    """Every label with each of its texts, in each transfer encoding, as plain text and as HTML."""
    for label, codec, names in LABELS:
        for name in names:
            data = TEXTS[name].encode(codec)
            for encoding in ("8bit", "base64", "quoted-printable"):
                if codec.startswith("utf-16") and encoding == "8bit":
                    continue
                for kind in ("plain", "html"):
                    if kind == "html" and (codec.startswith("utf-16") or label == "utf-7"):
                        continue
                    written = data if kind == "plain" else b"<html><body><p>" + data + b"</p></body></html>"
                    body = _transferred(written, encoding)
                    charset = f'; charset="{label}"' if label else ""
                    head = f"From: a@x.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/{kind}{charset}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
                    yield Text(
                        f"{label or 'unsaid'} as {codec} {name} {encoding} {kind}", head.encode() + body, TEXTS[name]
                    )


def _transferred(data: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return base64.encodebytes(data)
    return quopri.encodestring(data) if encoding == "quoted-printable" else data


def broken_texts() -> Iterator[Text]:
    """Transfer encodings damaged on their way: the words must survive."""
    words = TEXTS["fr"]
    coded = base64.encodebytes(words.encode() * 3)
    head = b"From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: "
    yield Text(
        "base64 with blanks and marks",
        head + b"base64\r\n\r\n" + coded.replace(b"Y", b" Y").replace(b"Z", b"\x00Z"),
        words,
    )
    yield Text("base64 without its end", head + b"base64\r\n\r\n" + coded.rstrip(b"=\n")[:-1], words)
    yield Text(
        "base64 in pieces",
        head + b"base64\r\n\r\n" + b"\r\n".join(base64.b64encode(part) for part in (words.encode(), b" encore")),
        words,
    )
    yield Text(
        "base64 with a footer in clear",
        head + b"base64\r\n\r\n" + coded + b"\r\n_____________\r\nList footer of the server, in clear\r\n",
        words,
    )
    yield Text("plain words called base64", head + b"base64\r\n\r\n" + words.encode(), words)
    yield Text("plain words called quoted-printable", head + b"quoted-printable\r\n\r\n" + words.encode(), words)
    yield Text(
        "quoted-printable with loose signs",
        head + b"quoted-printable\r\n\r\n" + quopri.encodestring(words.encode()) + b"\r\n1 = 1 =ZZ =\r\n=",
        words,
    )
    yield Text("unknown encoding", head + b"x-nothing\r\n\r\n" + words.encode(), words)
    yield Text("two encodings", head + b"8bit; x=y\r\n\r\n" + words.encode(), words)
    inner = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + words.encode() + b"\r\n--b--\r\n"
    outer = (
        b"From: a@x.example\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    )
    yield Text("a whole multipart in base64", outer + base64.encodebytes(inner), words)
    yield Text("truncated utf-8", head + b"8bit\r\n\r\n" + (words + "\n").encode() + "é".encode()[:1], words)
    for charset in (
        "punycode",
        "zip",
        "rot13",
        "idna",
        "unicode_escape",
        "hex",
        "bz2",
        "undefined",
        "no-such-charset",
        "utf-8\x00",
        "x" * 500,
    ):
        named = head.replace(b"charset=utf-8", b'charset="' + charset.encode() + b'"')
        yield Text(f"charset {charset[:12]}", named + b"8bit\r\n\r\n" + words.encode(), words)


@dataclass(frozen=True, slots=True)
class Named:
    """A mail with one file and the name that must be read."""

    name: str
    raw: bytes
    file: str


FILES = {
    "ascii": "invoice 2026-11.pdf",
    "fr": "Relevé d'été n° 12 – définitif.pdf",
    "de": "Größenübersicht & Maße (neu).xlsx",
    "ru": "Счёт за ноябрь.docx",
    "ja": "請求書11月分.pdf",
    "long": "Procès-verbal de la réunion extraordinaire du comité de direction élargi du 12 novembre 2026 à Orléans.pdf",
    "marks": "a;b=c, d.txt",
}


def named_files() -> Iterator[Named]:
    """One file, its name written in every way that programs know."""
    for key, file in FILES.items():
        for how, disposition, kind in _writings(file, is_ascii=key in ("ascii", "marks")):
            head = b'From: a@x.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="=b"\r\n\r\n--=b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n--=b\r\n'
            part = (
                b"Content-Type: "
                + kind
                + b"\r\nContent-Disposition: "
                + disposition
                + b"\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8=\r\n--=b--\r\n"
            )
            yield Named(f"{key} {how}", head + part, file)


def _writings(file: str, *, is_ascii: bool) -> Iterator[tuple[str, bytes, bytes]]:
    octets, plain_type = b"application/octet-stream", b'attachment; filename="'
    raw = file.encode()
    percent = quote(file, safe="").encode()
    if is_ascii:
        yield "quoted", plain_type + raw + b'"', octets
        yield "by the type only", b"attachment", octets + b'; name="' + raw + b'"'
    if " " not in file and ";" not in file:
        yield "bare", b"attachment; filename=" + raw, octets
    if file.startswith("invoice"):
        yield "bare with blanks", b"attachment; filename=" + raw, octets
    yield "rfc2231", b"attachment; filename*=UTF-8''" + percent, octets
    yield "rfc2231 lower case", b"attachment;\r\n filename*=utf-8'fr'" + percent, octets
    pieces = [percent[start : start + 38] for start in range(0, len(percent), 38)]
    cut = b";\r\n ".join(
        b"filename*%d*=" % number + (b"utf-8''" if not number else b"") + piece for number, piece in enumerate(pieces)
    )
    yield "rfc2231 continued", b"attachment;\r\n " + cut, octets
    yield "both", b"attachment; filename=\"file.bin\"; filename*=UTF-8''" + percent, octets + b'; name="file.bin"'
    word = b"=?utf-8?B?" + base64.b64encode(raw) + b"?="
    yield "rfc2047 base64", plain_type + word + b'"', octets
    yield "rfc2047 bare", b"attachment; filename=" + word, octets
    queued = quote(file, safe="").replace("%", "=").encode()
    yield "rfc2047 quoted-printable", plain_type + b"=?UTF-8?Q?" + queued + b'?="', octets
    halves = _halves(file)
    words = b"\r\n ".join(b"=?utf-8?B?" + base64.b64encode(half.encode()) + b"?=" for half in halves)
    yield "rfc2047 folded", b'attachment;\r\n filename="' + words + b'"', octets + b';\r\n name="' + words + b'"'
    yield "rfc2047 by the type only", b"attachment", octets + b'; name="' + word + b'"'
    yield "raw utf-8", plain_type + raw + b'"', octets
    try:
        latin = file.encode("cp1252")
    except UnicodeEncodeError:
        return
    yield "raw windows", plain_type + latin + b'"', octets
    yield "rfc2231 latin", b"attachment; filename*=windows-1252''" + quote(latin, safe="").encode(), octets
    yield (
        "rfc2047 latin",
        plain_type + b"=?windows-1252?Q?" + quote(latin, safe="").replace("%", "=").encode() + b'?="',
        octets,
    )


def _halves(file: str) -> list[str]:
    return [file[start : start + 20] for start in range(0, len(file), 20)]
