"""Reports of other mail servers: filed as a note on the ticket they are about, and on the delivery that bounced."""

from django.db.models import QuerySet

from helpdesk.lib import text
from helpdesk.lib.actor import SYSTEM
from tickets import access, conversation, deliveries
from tickets.channels import email_match, email_take, email_threads
from tickets.channels.email_shapes import ParsedMail, Report
from tickets.conversation import Line
from tickets.models import Delivery, Message, RawMail

KINDS = ("bounce", "complaint", "report")


def file(row: RawMail, parsed: ParsedMail) -> bool:
    """Note it on the ticket whose mail it is about; False when that cannot be told: only an id that we signed counts."""
    report = parsed.report
    named = email_threads.read_message_id(report.original_id) if report else None
    ticket = email_match.current_ticket(named[0]) if named else None
    if report is None or named is None or ticket is None:
        return False
    delivery = _delivery(named, report)
    if delivery and parsed.machine == "bounce":
        _mark(delivery, report, parsed)
    line = Line(
        body=parsed.newest_text[: email_take.MAX_BODY] or parsed.subject or str(parsed.machine),
        kind=Message.Kind.NOTE,
        channel="email",
        machine=str(parsed.machine),
    )
    message = conversation.append(access.locked(ticket.pk), line, by=SYSTEM, origin=email_take.origin_of(row, parsed))
    email_take.keep_envelope(message, parsed)
    row.outcome, row.reason = RawMail.Outcome.MESSAGE, str(parsed.machine)
    row.ticket, row.message = ticket, message
    return True


def _delivery(named: tuple[int, int], report: Report) -> Delivery | None:
    """The delivery that bounced: of the mail named, the one to the address named, or the only one there was."""
    ticket_id, _seq = named
    local = report.original_id.split("@")[0]
    mails: QuerySet[Delivery] = Delivery.objects.filter(message__ticket=ticket_id, header_id__startswith=local)
    found = list(mails.order_by("pk"))
    exact = [delivery for delivery in found if delivery.address.lower() in report.recipients]
    if exact:
        return exact[0]
    return found[0] if len(found) == 1 else None


def _mark(delivery: Delivery, report: Report, parsed: ParsedMail) -> None:
    """A failure for good is the delivery's state, seen on the message; a delay is only told."""
    words = text.one_line(report.diagnostic or parsed.newest_text, 400)
    if report.is_permanent:
        deliveries.bounced(delivery, code=report.status, words=words)
    else:
        Delivery.objects.filter(pk=delivery.pk).update(error=text.one_line(f"{report.status} {words}", 500))
