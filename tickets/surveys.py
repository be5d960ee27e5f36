"""The survey of a solved ticket: frozen at solving, sent a while later, answered once and changeable for some days."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from helpdesk.events import names
from helpdesk.events.models import Event
from helpdesk.events.record import record
from helpdesk.jobs import outbox
from helpdesk.lib import clock, errors, mail, signing, text
from helpdesk.lib.actor import SYSTEM, Actor
from helpdesk.people import customers
from helpdesk.people.models import Customer
from tickets import access
from tickets.models import Survey, Ticket
from tickets.models.ticket import Status

MAX_COMMENT = 4000
SCORES = {1: _("Very bad"), 2: _("Bad"), 3: _("Fair"), 4: _("Good"), 5: _("Very good")}
_PURPOSE = "survey"
_FINISHED = (Status.SOLVED, Status.CLOSED)


def ask(event_id: int) -> None:
    """Job after `ticket.solved`: one survey per solving, about those who solved it; the invitation leaves later."""
    event = Event.objects.get(pk=event_id)
    with transaction.atomic():
        row = access.locked(event.subject_id)
        earlier = row.surveys.order_by("-nr").first()
        if not _deserves(row) or (earlier is not None and earlier.solved_at == event.created_at):
            return
        if earlier is not None and _was_rated_before_solving(earlier, event):
            _freeze(earlier, event.data, event.created_at).save()
            return
        survey = _freeze(_blank(row), event.data, event.created_at)
        survey.save()
        outbox.enqueue(invite, at=event.created_at + _delay(survey), survey_id=survey.pk)


def _delay(survey: Survey) -> timedelta:
    """How long after solving the customer is asked: the queue's own delay, else the installation's."""
    own = survey.queue.survey_delay
    return timedelta(seconds=settings.SURVEY_DELAY_SECONDS if own is None else own)


def _deserves(row: Ticket) -> bool:
    """Not for spam, nor where no person answered or no customer ever spoke, nor for what was reopened meanwhile."""
    if row.status not in _FINISHED or row.first_replied_at is None:
        return False
    return row.messages.public().filter(author_customer__isnull=False).exists()


def _was_rated_before_solving(survey: Survey, event: Event) -> bool:
    """A rating given in the chat before the ticket was solved is the answer to this solving: nobody is asked twice."""
    solvings = Event.objects.of("ticket", event.subject_id).filter(name=names.TICKET_SOLVED)
    return survey.answered_at is not None and not solvings.filter(created_at=survey.solved_at).exists()


def _blank(row: Ticket) -> Survey:
    requester = row.requester.merged_into or row.requester
    return Survey(ticket=row, nr=row.surveys.count() + 1, customer=requester)


def _freeze(survey: Survey, data: dict[str, Any], moment: datetime) -> Survey:
    survey.agent_id = data["agent"]
    survey.team_id = data["team"]
    survey.queue_id = data["queue"]
    survey.channel = data["channel"]
    survey.rule = data["rule"]
    survey.solved_at = moment
    return survey


def invite(survey_id: int) -> None:
    """Job, some time after solving: mail the link, unless the ticket was reopened, the answer is there or no address is."""
    survey = Survey.objects.select_related("ticket__requester", "customer", "agent").get(pk=survey_id)
    address = survey.ticket.reply_address or customers.proved_email(survey.customer)
    if not address or not _is_awaited(survey):
        return
    mail.send(
        to=address,
        subject=_("How did we do on your request?"),
        template="tickets/mail/survey",
        context={
            "url": link(survey),
            "scores": list(SCORES.items()),
            "subject": survey.ticket.subject,
            "number": survey.ticket.number,
            "name": survey.customer.name,
            "agent": survey.agent.name if survey.agent else "",
        },
        language=language(survey),
        automatic=True,
    )
    with transaction.atomic():
        survey.sent_at = clock.now()
        survey.save(update_fields=["sent_at"])
        record(names.SURVEY_SENT, survey.ticket, by=SYSTEM, data={"survey": survey.pk})


def _is_awaited(survey: Survey) -> bool:
    is_latest = not survey.ticket.surveys.filter(nr__gt=survey.nr).exists()
    is_open = survey.sent_at is None and survey.answered_at is None
    goes_on = survey.ticket.merged_into_id is not None
    return is_latest and is_open and not goes_on and survey.ticket.status in _FINISHED


def link(survey: Survey) -> str:
    """The address of the survey's page, for the mail; it opens nothing but this survey."""
    return f"{settings.PUBLIC_URL}{path(survey)}"


def path(survey: Survey) -> str:
    """The same without the host, for our own pages."""
    return reverse("survey", kwargs={"token": signing.sign(_PURPOSE, survey.pk)})


def open_link(token: str) -> Survey:
    """The survey of a link; raises NotFound when it is forged or too old."""
    key = signing.read(_PURPOSE, token, max_age=timedelta(days=settings.SURVEY_LINK_DAYS))
    found = Survey.objects.select_related("ticket", "customer", "agent").filter(pk=key).first() if key else None
    if found is None or found.ticket.status == Status.SPAM:
        raise errors.NotFound(_("This survey link is not valid or no longer works."))
    return found


def language(survey: Survey) -> str:
    """The language in which the customer is asked: the ticket's, else his own, else the installation's."""
    known = dict(settings.LANGUAGES)
    candidates = (survey.ticket.language, survey.customer.locale)
    return next((code for code in candidates if code in known), settings.LANGUAGE_CODE)


def is_changeable(survey: Survey) -> bool:
    """Whether an answer may still be given or changed."""
    limit = timedelta(days=settings.SURVEY_CHANGE_DAYS)
    return survey.answered_at is None or clock.now() < survey.answered_at + limit


@transaction.atomic
def answer(survey: Survey, score: int, comment: str = "", may_contact: bool = False, *, by: Actor) -> Survey:
    """Give or change the answer. Raises Invalid naming the field, Conflict once SURVEY_CHANGE_DAYS have passed."""
    row = Survey.objects.select_for_update().get(pk=survey.pk)
    if not is_changeable(row):
        raise errors.Conflict(_("This answer can no longer be changed."), code="survey_closed")
    row.score, row.comment = _checked(score, comment)
    row.may_contact = may_contact
    # The window counts from the first answer, so that changing it does not prolong it.
    row.answered_at = row.answered_at or clock.now()
    row.save(update_fields=["score", "comment", "may_contact", "answered_at"])
    record(names.SURVEY_ANSWERED, row.ticket, by=by, data={"survey": row.pk, "score": row.score})
    return row


def _checked(score: int, comment: str) -> tuple[int, str]:
    if score not in SCORES:
        raise errors.Invalid(fields={"score": [_("Choose one of the five answers.")]})
    words = text.clean(comment)
    if len(words) > MAX_COMMENT:
        raise errors.Invalid(fields={"comment": [_("This comment is too long: 4,000 characters at most.")]})
    return score, words


@transaction.atomic
def rate(ticket: Ticket, customer: Customer, score: int, comment: str = "") -> Survey:
    """The customer rates his ticket where he stands (the chat, his requests), whether he was asked yet or not."""
    row = access.locked(ticket.pk)
    if row.requester_id != customer.pk:
        raise errors.NotFound()
    survey = row.surveys.order_by("-nr").first()
    if survey is None:
        survey = _freeze(_blank(row), _present(row), clock.now())
        survey.save()
    return answer(survey, score, comment, by=customer.actor)


def _present(row: Ticket) -> dict[str, Any]:
    routing = getattr(row, "routing", None)
    return {
        "agent": row.assignee_id,
        "team": row.queue.team_id,
        "queue": row.queue_id,
        "channel": row.channel,
        "rule": routing.rule.name if routing and routing.rule else "",
    }
