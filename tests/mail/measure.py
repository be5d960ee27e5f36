"""How well mail is read, as shares over the collections beside this file: the benchmark prints them, the tests assert them."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.mail import charsets, hostile, machines, replies
from tickets.channels import email_parse
from tickets.channels.email_shapes import ParsedMail

REPORTS = ("bounce", "complaint", "report")


@dataclass(slots=True)
class Share:
    """How many of how many, and which were not."""

    name: str
    of: int = 0
    misses: list[str] = field(default_factory=list)

    def count(self, name: str, *, hit: bool) -> None:
        self.of += 1
        if not hit:
            self.misses.append(name)

    @property
    def value(self) -> float:
        return 1 - len(self.misses) / self.of if self.of else 0.0


def newest_text(each: int = 16) -> tuple[dict[str, Share], dict[str, Share]]:
    """(nothing lost, clean of quotes and signatures) by language, and together as 'all'."""
    kept = {key: Share(f"newest text, nothing lost, {key}") for key in ("all", "en", "fr", "de")}
    clean = {key: Share(f"newest text, clean, {key}") for key in ("all", "en", "fr", "de")}
    for reply in replies.replies(each):
        newest = email_parse.parse(reply.raw).newest_text
        for key in ("all", reply.language):
            kept[key].count(reply.name, hit=not replies.missing(reply, newest))
            clean[key].count(reply.name, hit=not replies.left_over(reply, newest))
    return kept, clean


def machine_mail() -> tuple[Share, Share, Share, Share]:
    """(machines recognised, right kind of those, people left alone, whom and what a report is about)."""
    known, kind = Share("machine mail recognised"), Share("machine mail, right kind")
    people, facts = Share("people not taken for machines"), Share("facts of reports")
    for case in machines.cases():
        mail = email_parse.parse(case.raw)
        if not case.kind:
            people.count(case.name, hit=mail.machine is None)
            continue
        known.count(case.name, hit=mail.machine is not None)
        kind.count(case.name, hit=mail.machine == case.kind)
        if case.kind in REPORTS:
            facts.count(case.name, hit=_has_facts(case, mail))
    return known, kind, people, facts


def _has_facts(case: machines.Case, mail: ParsedMail) -> bool:
    report = mail.report
    if report is None:
        return False
    return (
        (not case.recipients or report.recipients == case.recipients)
        and (case.is_permanent is None or report.is_permanent == case.is_permanent)
        and (not case.names_ours or report.original_id == machines.OUR_ID)
    )


def decoding() -> tuple[Share, Share]:
    """(texts read as written, file names read as written)."""
    words, names = Share("texts decoded"), Share("attachment names kept")
    for text in (*charsets.texts(), *charsets.broken_texts()):
        words.count(text.name, hit=text.words in email_parse.parse(text.raw).text)
    for named in charsets.named_files():
        names.count(named.name, hit=[part.name for part in email_parse.parse(named.raw).attachments] == [named.file])
    return words, names


@dataclass(slots=True)
class Hardship:
    """What a heap of bad mail cost, and what went wrong in it."""

    mails: int = 0
    failures: list[str] = field(default_factory=list)
    worst_seconds: float = 0.0


def hardship(mails: Iterable[tuple[str, bytes]], read: Callable[[bytes], ParsedMail] = email_parse.parse) -> Hardship:
    """Read them all; a failure is an exception, a defect of the parser, or a text that no database takes."""
    found = Hardship()
    for name, raw in mails:
        began = time.process_time()
        mail = read(raw)
        found.worst_seconds = max(found.worst_seconds, time.process_time() - began)
        found.mails += 1
        if mail.poison or any(problem.startswith("parser_") for problem in mail.problems) or unstorable(mail):
            found.failures.append(name)
    return found


def damaged(count: int) -> Iterable[tuple[str, bytes]]:
    """Mails damaged at random, by number."""
    return ((str(number), raw) for number, raw in enumerate(hostile.damaged(count)))


def unstorable(mail: ParsedMail) -> list[str]:
    """Strings of a mail that a database would refuse."""
    strings = [mail.message_id, mail.from_name, mail.from_address, mail.subject, mail.text, mail.html, mail.newest_text]
    strings += [mail.in_reply_to, *mail.references, mail.reply_to, mail.reply_to_name, *mail.delivered_to]
    strings += [entry.name + entry.address for entry in (*mail.to, *mail.cc)]
    strings += [file.name + file.type + file.content_id for file in mail.attachments]
    strings += [value for part in mail.parts for value in (part.title, *part.details.values())]
    if mail.forward:
        inner = mail.forward
        strings += [inner.name, inner.address, inner.subject, inner.date, inner.message_id, inner.text, inner.comment]
    if mail.report:
        strings += [*mail.report.recipients, mail.report.diagnostic, mail.report.original_id, mail.report.feedback]
    return [value for value in strings if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)]
