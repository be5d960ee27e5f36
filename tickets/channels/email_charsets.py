"""Bytes of strangers as text: the charset they named where that can be, else the one it must have been, never an error.

Codecs that are no charset (`zip`, `rot13`, `punycode`) are not asked; every doubt is recorded as a problem.
"""

import binascii
import codecs
import re
from functools import lru_cache

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t\r\n]+(?==\?[^?\s]{1,80}\?[bBqQ]\?)")
_HEX = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=]")
_JAPANESE_ESCAPE = re.compile(rb"\x1b(\$[@B]|\([BJ])")
_DOUBTFUL = re.compile("[\x80-\x9f\ufffd]")
# Codecs that are no charset, run in quadratic time, or exist on one system only.
_NOT_CHARSETS = frozenset(
    {"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "palmos"}
)
# As browsers and mail programs read them: the wider sister of what the label says.
_READ_AS = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
_ALSO_CALLED = {
    "utf8mb4": "utf-8",
    "utf-8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode": "utf-16",
    "windows-874": "cp874",
    "x-windows-874": "cp874",
    "x-windows-949": "cp949",
    "windows-949": "cp949",
    "ks_c_5601": "cp949",
    "ks_c_5601-1989": "cp949",
    "x-sjis": "cp932",
    "x-ms-cp932": "cp932",
    "x-euc-jp": "euc_jp",
    "x-euc-kr": "cp949",
    "x-gbk": "gb18030",
    "x-big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "x-mac-roman": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "x-mac-ce": "mac_latin2",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "ansi_x3.110-1983": "cp1252",
    "ansi": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-1-windows-3.1-latin-1": "cp1252",
    "cp-850": "cp850",
    "dos-850": "cp850",
}
_UNSAID = frozenset(
    {"", "unknown", "x-unknown", "unknown-8bit", "default", "default_charset", "none", "binary", "8bit"}
)
_WESTERN = frozenset({"cp1252", "iso8859-15", "cp1254", "mac-roman", "cp850", "cp437"})


def decode(data: bytes, charset: str, problems: list[str]) -> str:
    """Bytes as text: the charset the sender named, else UTF-8, else what the bytes look like."""
    codec = codec_of(charset)
    if codec is None:
        problems.append("unknown_charset")
        codec = "utf-8"
    if _JAPANESE_ESCAPE.search(data[:5_000]) and codec in ("utf-8", "cp1252"):
        codec = "iso2022_jp_ext"
    if codec in _WESTERN and not data.isascii():
        # Nobody types a run of "Ã©": words that happen to be valid UTF-8 were mislabelled on their way.
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for candidate in dict.fromkeys([codec, "utf-8"]):
        try:
            return data.decode(candidate)
        except (UnicodeError, ValueError):
            continue
    problems.append("undecodable_text")
    if codec in ("utf-8", "cp1252"):
        return _guessed(data, is_utf8=codec == "utf-8")
    try:
        return data.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return data.decode("cp1252", "replace")


def _guessed(data: bytes, *, is_utf8: bool) -> str:
    """Mostly valid UTF-8 keeps its good characters; else an eastern charset that fits well, else Windows-1252."""
    marked = data.decode("utf-8", "replace")
    bad = marked.count("\ufffd")
    good = sum(1 for character in marked if character > "\x7f") - bad
    if is_utf8 and good >= bad:
        return marked
    return _eastern(data) or data.decode("cp1252", "replace")


_USUAL_HANZI = (
    "的一是不了在人有我他这這中大来來上国國个個到说說们們为為子和你地出道也时時年得就那要下以生会會自着著去之过過家学學"
    "对對可里裡后後小么麼心多天而能好都然没沒日于於起还還发發成事只作当當想看文无無开開手用主行方又如前所本见見经經头頭面"
    "公同三已老从從动動两兩长長请請问問谢謝货貨单單收电電话話"
)
_USUAL_HANGUL = "이다는을를가에서고하니습의로기은지한요해안세도시사자리나어그인수전대부주문있정상일보아라게과만"
# (codec, its letters as they are used): what real text in it is made of, and mojibake in it is not
_EASTERN = (
    ("cp932", re.compile("[\u3040-\u30ff]")),
    ("euc_jp", re.compile("[\u3040-\u30ff]")),
    ("gb18030", re.compile(f"[{_USUAL_HANZI}]")),
    ("big5hkscs", re.compile(f"[{_USUAL_HANZI}]")),
    ("cp949", re.compile(f"[{_USUAL_HANGUL}]")),
    ("koi8_r", re.compile("[а-яё]")),
    ("cp1251", re.compile("[а-яё]")),
)


def _eastern(data: bytes) -> str:
    """The text in the eastern charset that fits best, '' when the bytes are mostly Latin letters."""
    sample = data[:8_000]
    high = sum(byte > 0x7F for byte in sample)
    letters = sum(byte > 0x7F or chr(byte).isalpha() for byte in sample)
    if high < 8 or high * 2 < letters:
        return ""
    best, best_share = "", 0.25
    for codec, usual in _EASTERN:
        text = sample.decode(codec, "replace")
        foreign = sum(character > "\x7f" for character in text)
        share = (len(usual.findall(text)) - 2 * len(_DOUBTFUL.findall(text))) / foreign if foreign else 0.0
        if share > best_share:
            best, best_share = codec, share
    return data.decode(best, "replace") if best else ""


@lru_cache(maxsize=500)
def codec_of(charset: str) -> str | None:
    """Python's codec for a charset label, None when there is none that is a charset."""
    name = charset.strip().strip("\"'; ").lower()[:40].removeprefix("3d").strip("\"'")
    if name in _UNSAID:
        return "utf-8"
    name = _ALSO_CALLED.get(name, name)
    for guess in (name, name.removeprefix("x-"), re.sub(r"^(windows|win|cp|ibm)[-_ ]?(\d{3,4})$", r"cp\2", name)):
        try:
            info = codecs.lookup(guess)
        except (LookupError, ValueError, UnicodeError):
            continue
        canonical = info.name.replace("-", "_")
        if not getattr(info, "_is_text_encoding", True) or canonical in _NOT_CHARSETS:
            return None
        return _READ_AS.get(info.name, info.name)
    return None


def decode_words(value: str, problems: list[str]) -> str:
    """RFC 2047, as tolerantly as mail programs do; words in a row of one charset are joined before decoding."""
    if "=?" not in value:
        return value
    value = _BETWEEN_WORDS.sub(r"\1", value)
    parts: list[str] = []
    pending, charset, place = b"", "", 0
    for match in _WORD.finditer(value):
        between = value[place : match.start()]
        if pending and (between or match[1].lower() != charset):
            parts.append(decode(pending, charset, problems))
            pending = b""
        parts.append(between)
        charset = match[1].lower()
        pending += _word_bytes(match[2], match[3])
        place = match.end()
    if pending:
        parts.append(decode(pending, charset, problems))
    return "".join([*parts, value[place:]])


def _word_bytes(encoding: str, word: str) -> bytes:
    data = word.encode("utf-8", "replace")
    if encoding in "bB":
        return unbase64(data)
    return _HEX.sub(lambda hexadecimal: bytes([int(hexadecimal[1], 16)]), data.replace(b"_", b" "))


def unbase64(data: bytes) -> bytes:
    """Base64 with whatever is no base64 in it left out, the end mended, and pieces padded one by one joined."""
    data = data.translate(None, b"\r\n \t")
    try:
        return binascii.a2b_base64(data, strict_mode=True)
    except binascii.Error:
        return b"".join(map(_mended, _NOT_BASE64.sub(b"", data).split(b"=")))


def _mended(piece: bytes) -> bytes:
    piece = piece[:-1] if len(piece) % 4 == 1 else piece
    return binascii.a2b_base64(piece + b"=" * (-len(piece) % 4))


def is_unsaid(charset: str) -> bool:
    """Whether a label says nothing about the charset."""
    return charset.strip().lower() in _UNSAID
