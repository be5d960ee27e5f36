"""Let the demo company live its past weeks through the product's own services, so that nothing in it is impossible."""

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test.utils import override_settings
from knox.models import AuthToken

from chat import keys, sessions
from chat.models import Session, Site
from helpdesk.demo import articles, company, conversations, customers, held, macros, rules, shapes, telephone
from helpdesk.jobs import outbox
from helpdesk.jobs.models import Job
from helpdesk.lib import clock, sealed
from helpdesk.people import customers as people_customers
from helpdesk.people import schedule
from helpdesk.people.customers import Who
from helpdesk.people.models import Customer, Organization, Team, User
from knowledge import publishing
from tickets import conversation, desk_settings, intake, lifecycle, surveys
from tickets.channels import phone_systems
from tickets.channels.inbound import Inbound
from tickets.conversation import Line
from tickets.models import Macro, Mailbox, Queue, Survey, Ticket
from tickets.rules import content, published, trials
from tickets.rules.published import Item

PASSWORD = "guichet-demo"  # noqa: S105  (printed at every start: the demo is open to whoever runs it)
Step = Callable[[], None]


@dataclass
class Company:
    """What was made so far, by the keys of the demo's data."""

    users: dict[str, User] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    queues: dict[str, Queue] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    site: Site = field(init=False)
    # With it a telephone system tells of calls
    phone_token: str = ""


def is_empty() -> bool:
    """Whether the database has never been used."""
    return not User.objects.exists() and not Ticket.objects.exists()


def fill(say: Callable[[str], object] = lambda line: None) -> Company:
    """Fill an empty database; `say` hears of the progress. Mail of the past goes nowhere."""
    made = Company()
    now = clock.now()
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend", JOBS_HAND_OVER=False):
        with clock.pretend(now - timedelta(days=60)):
            _people(made)
            _desk(made)
            _articles(made)
        say("people, queues, rules and articles are there; living the past weeks …")
        _live(made, now, say)
        held.arrive(made.mailboxes, now)
        _work(made, now)
        made.phone_token = telephone.connect(made.users.values(), made.users["admin"], now)
    return made


@transaction.atomic
def _people(made: Company) -> None:
    teams = {team.slug: Team.objects.create(slug=team.slug, name=team.name.en) for team in company.TEAMS}
    for staff in company.STAFF:
        user = User.objects.create_user(
            staff.email,
            PASSWORD,
            name=staff.name,
            role=staff.role,
            locale=staff.locale,
            chat_capacity=staff.chat_capacity,
            ticket_capacity=staff.ticket_capacity,
            timezone=staff.timezone,
        )
        for slug in staff.teams:
            teams[slug].members.add(user)
        made.users[staff.key] = user
        _instance, token = AuthToken.objects.create(user=user)
        made.tokens[staff.key] = token
    for number, queue in enumerate(company.QUEUES):
        made.queues[queue.slug] = Queue.objects.create(
            slug=queue.slug,
            name=queue.name.en,
            name_fr=queue.name.fr,
            team=teams[queue.team],
            is_default=queue.slug == company.DEFAULT_QUEUE,
            position=number,
            survey_delay=5,
        )
    organizations = {
        row.key: Organization.objects.create(name=row.name, domains=[row.domain]) for row in company.ORGANIZATIONS
    }
    for person in customers.CUSTOMERS:
        made.customers[person.key] = _customer(person, organizations)


@transaction.atomic
def _work(made: Company, now: datetime) -> None:
    """Who can do what, and when: of today only, for nobody's past is judged by the shifts that he has now."""
    for skill in company.SKILLS:
        schedule.create_skill(skill.name.en, slug=skill.slug, name_fr=skill.name.fr, kind=skill.kind)
    lead = made.users["bob"]
    for staff in company.STAFF:
        user = made.users[staff.key]
        if user.may("ticket.reply") and staff.teams:
            shifts = [dict(zip(("weekday", "starts", "ends"), shift, strict=True)) for shift in staff.shifts]
            schedule.change(user, {"skills": [*staff.languages, *staff.skills], "shifts": shifts}, by=lead)
        if staff.absence:
            first, last, reason = staff.absence
            schedule.add_absence(user, now + timedelta(days=first), now + timedelta(days=last), reason, by=lead)
    for queue in company.QUEUES:
        changed = {"strategy": queue.strategy, "match_language": queue.match_language, "skills": list(queue.skills)}
        if queue.strategy != Queue.Strategy.MANUAL:
            desk_settings.change_queue(made.queues[queue.slug], changed, by=lead)
    hours = [{"weekday": day, "starts": starts, "ends": ends} for day, starts, ends in company.OFFICE_HOURS]
    given = {"name": "Office", "timezone": company.OFFICE_ZONE, "hours": hours, "is_default": True}
    desk_settings.create_calendar({**given, "holidays": list(company.OFFICE_HOLIDAYS)}, by=lead)


def _customer(person: shapes.Customer, organizations: dict[str, Organization]) -> Customer:
    """Known for long: the shop's own import has proved the addresses."""
    email, *others = person.emails
    customer = people_customers.create(Who(person.name, email, locale=person.locale, is_proved=True))
    for address in others:
        people_customers.claim(customer, "email", people_customers.normalise_email(address), is_proved=True)
    for number in person.phones:
        people_customers.claim(customer, "phone", people_customers.normalise_phone(number) or number)
    customer.note = person.note
    customer.organization = organizations.get(person.organization or "")
    customer.save(update_fields=["note", "organization"])
    return customer


@transaction.atomic
def _desk(made: Company) -> None:
    for box in company.MAILBOXES:
        made.mailboxes[box.address] = Mailbox.objects.create(
            address=box.address, name=company.NAME, queue=made.queues[box.queue]
        )
    items = [
        Item(
            None,
            content.read(
                {
                    "name": f"{rule.name.en} · {rule.name.fr}",
                    "conditions": rule.conditions,
                    "actions": rule.actions,
                    "stops": rule.stops,
                    **rule.more,
                }
            ),
        )
        for rule in rules.RULES
    ]
    published.publish(items, by=made.users["bob"], note="The first rules · Les premières règles")
    for test in rules.TESTS:
        name = f"{test.name.en} · {test.name.fr}"
        trials.create(by=made.users["bob"], name=name, message=test.message, expect=test.expect)
    for macro in macros.MACROS:
        for language in ("en", "fr"):
            Macro.objects.create(
                name=getattr(macro.name, language),
                language=language,
                body=getattr(macro.body, language),
                actions=macro.actions,
            )
    made.site = Site.objects.create(
        key=company.SITE.key,
        name=company.SITE.name,
        queue=made.queues[company.SITE.queue],
        origins=[settings.PUBLIC_URL],
        greeting_en=company.SITE.greeting.en,
        greeting_fr=company.SITE.greeting.fr,
        identity_secret=sealed.seal("demo-identity-secret-of-the-shop-32bytes"),
    )


def _articles(made: Company) -> None:
    categories = {
        row.slug: publishing.add_section(row.slug, name_en=row.name.en, name_fr=row.name.fr, position=number)
        for number, row in enumerate(company.CATEGORIES)
    }
    groups: dict[str, uuid.UUID] = {}
    for article in articles.load():
        draft = publishing.create(
            categories[article.category],
            group=groups.setdefault(article.slug, uuid.uuid4()),
            language=article.language,
            slug=article.slug,
            title=article.title,
            summary=article.summary,
            body=article.body,
            audience=article.audience,
            by=made.users["bob"],
        )
        publishing.publish(draft, by=made.users["bob"])


def _live(made: Company, now: datetime, say: Callable[[str], object]) -> None:
    """Every step of every conversation in the order of time, each at its own moment, with the jobs due by then."""
    steps = sorted(
        (step for told in conversations.load() for step in _Story(made, told, now).steps()), key=lambda step: step[0]
    )
    for number, (moment, act) in enumerate(steps):
        with clock.pretend(moment):
            act()
            outbox.drain()
        if number % 100 == 99:
            say(f"{number + 1} of {len(steps)} steps lived")
    # What is still to happen later would be mail about a past that nobody lived.
    Job.objects.all().delete()


class _Story:
    """One conversation as steps in time; the first step makes its ticket."""

    ticket: Ticket

    def __init__(self, made: Company, told: shapes.Conversation, now: datetime) -> None:
        self.made, self.told = made, told
        self.start = now - told.ago
        self.now = now
        self.session: Session | None = None
        self.agent = made.users.get(told.agent or "")
        self.lines = 0

    def steps(self) -> Iterator[tuple[datetime, Step]]:
        told, moment = self.told, self.start
        yield moment, self._open
        for turn in told.turns:
            moment = min(moment + turn.after, self.now - timedelta(seconds=30))
            yield moment, self._turn(turn)
        moment = min(moment + told.ends_after, self.now - timedelta(seconds=20))
        yield moment, self._end
        if told.survey:
            answered = min(moment + timedelta(hours=random.Random(told.key).uniform(0.2, 30)), self.now)
            yield max(answered, moment + timedelta(seconds=10)), self._answer

    def _open(self) -> None:
        told = self.told
        if told.channel == "chat":
            self._chat()
        else:
            self._receive()
        if told.tags:
            lifecycle.change(
                self.ticket, {"tags": [*self._tags(), *told.tags]}, by=self.made.users["bob"], version=None
            )

    def _receive(self) -> None:
        told = self.told
        logger = self.made.users.get(told.logged_by or "")
        address = people_customers.normalise_email(told.sender)
        receipt = intake.receive(
            Inbound(
                channel=told.channel,
                who=self.made.customers[told.customer],
                subject=told.subject,
                body=told.opening,
                by=logger.actor if logger else None,
                reply_address=address if told.channel in ("email", "web", "api") else "",
                mailbox=self.made.mailboxes.get(told.mailbox or ""),
                language=told.language if told.channel == "web" else "",
                trust="verified" if told.channel == "email" else "",
            )
        )
        self.ticket = receipt.ticket

    def _chat(self) -> None:
        customer = self.made.customers[self.told.customer]
        visit = sessions.Visit(language=self.told.language, page=f"{settings.PUBLIC_URL}/demo/shop/")
        self.session = sessions.begin(self.made.site, visit, customer)
        keys.issue(self.session)
        said = sessions.say(self.session, self.told.opening, origin_id=self._id())
        self.session, self.ticket = said.session, said.message.ticket

    def _id(self) -> str:
        self.lines += 1
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.told.key}/{self.lines}"))

    def _tags(self) -> list[str]:
        return list(self.ticket.tags.values_list("name", flat=True))

    def _turn(self, turn: shapes.Turn) -> Step:
        def act() -> None:
            if turn.kind == "customer":
                self._customer_says(turn)
            else:
                self._agent_says(turn)

        return act

    def _customer_says(self, turn: shapes.Turn) -> None:
        if self.session and turn.channel == "chat":
            sessions.say(self.session, turn.body, origin_id=self._id())
            return
        intake.receive(
            Inbound(
                channel=turn.channel,
                who=self.ticket.requester,
                body=turn.body,
                ticket=Ticket.objects.get(pk=self.ticket.pk),
                trust="verified" if turn.channel == "email" else "",
            )
        )

    def _agent_says(self, turn: shapes.Turn) -> None:
        agent = self.made.users[turn.agent or "alice"]
        kind = "note" if turn.kind == "note" else "public"
        if kind == "public" and self.session and self._is_waiting(self.session):
            sessions.accept(self.session.pk, by=agent)
        conversation.reply(self.ticket, Line(body=turn.body, kind=kind, channel=turn.channel), by=agent)

    def _is_waiting(self, session: Session) -> bool:
        return Session.objects.filter(pk=session.pk, state=Session.State.WAITING).exists()

    def _end(self) -> None:
        ticket = Ticket.objects.get(pk=self.ticket.pk)
        if self.session and self.told.ends not in ("new", "open"):
            self._end_chat(self.session)
        if self.agent and ticket.assignee_id is None and self.told.ends not in ("new", "spam"):
            lifecycle.assign(ticket, self.agent, by=self.agent.actor)
        if self.told.ends in ("new", "open"):
            return
        actor = (self.agent or self.made.users["alice"]).actor
        for status in ("solved", "closed") if self.told.ends == "closed" else (self.told.ends,):
            lifecycle.set_status(ticket, status, by=actor)

    def _end_chat(self, session: Session) -> None:
        session.refresh_from_db()
        if session.state != Session.State.ENDED:
            sessions.end(session, by=(self.agent or self.made.users["alice"]).actor)

    def _answer(self) -> None:
        survey, answer = Survey.objects.filter(ticket=self.ticket).order_by("-nr").first(), self.told.survey
        if survey is not None and answer is not None:
            surveys.answer(
                survey,
                answer.score,
                answer.comment,
                answer.score < 4,
                by=self.ticket.requester.actor,
            )


def described(made: Company) -> dict[str, Any]:
    """What `manage.py demo --json` prints."""
    agents = {
        key: {"email": user.email, "password": PASSWORD, "token": made.tokens[key], "role": user.role}
        for key, user in made.users.items()
    }
    return {
        "agents": agents,
        "queues": [{"slug": queue.slug, "name": queue.name} for queue in made.queues.values()],
        "customers": [
            {"id": customer.pk, "name": customer.name, "email": people_customers.proved_email(customer)}
            for customer in made.customers.values()
        ],
        "site": made.site.key,
        "mailboxes": list(made.mailboxes),
        "telephone": {"url": phone_systems.url(made.phone_token), "token": made.phone_token},
    }
