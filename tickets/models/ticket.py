"""The ticket: the one record of a request, on any channel, from first word to survey."""

from typing import Self

from django.db import models
from django.db.models import Exists, F, Q
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Customer, Identity, Organization, Sharing, User
from tickets.models.queue import Queue


class Status(models.TextChoices):
    """*pending* waits for the customer, *hold* for a third party."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    PENDING = "pending", _("Waiting on customer")
    HOLD = "hold", _("On hold")
    SOLVED = "solved", _("Resolved")
    CLOSED = "closed", _("Closed")
    SPAM = "spam", _("Spam")


UNFINISHED = (Status.NEW, Status.OPEN, Status.PENDING, Status.HOLD)
AWAITING_US = (Status.NEW, Status.OPEN)
_UNFINISHED = Q(status__in=[str(status) for status in UNFINISHED])


class Channel(models.TextChoices):
    """How a message came; a ticket carries that of its first message."""

    WEB = "web", _("Form")
    EMAIL = "email", _("E-mail")
    API = "api", _("API")
    PHONE = "phone", _("Phone")
    CHAT = "chat", _("Chat")
    LETTER = "letter", _("Letter")
    SMS = "sms", _("SMS")
    FAX = "fax", _("Fax")
    SHOP = "shop", _("Shop visit")


class Kind(models.TextChoices):
    """What is asked."""

    INFORMATION = "information", _("Information")
    COMPLAINT = "complaint", _("Complaint")
    ASSISTANCE = "assistance", _("Assistance")


class Priority(models.IntegerChoices):
    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")
    URGENT = 4, _("Urgent")


def _proved(customer: Customer) -> models.QuerySet[Identity]:
    """The addresses that say who he is: what was only typed, or set apart at a merge, does not."""
    return Identity.objects.filter(
        customer=customer, kind=Identity.Kind.EMAIL, verified_at__isnull=False, is_apart=False
    )


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Reads of tickets; every verb chains."""

    def visible_to(self, user: User) -> Self:
        """Tickets of the queues of the user's teams, those assigned to him, and those he follows; all for admins."""
        if not user.may("ticket.read"):
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        queues = Queue.objects.filter(team__members=user).values("id")
        follows = Participant.objects.filter(user=user).values("ticket_id")
        return self.filter(Q(queue__in=queues) | Q(assignee=user) | Q(pk__in=follows))

    def of_customer(self, customer: Customer) -> Self:
        """The customer's own tickets, as far as he may read them. Uses index: ticket_requester."""
        own = self.filter(requester=customer)
        return own.filter(reply_address__iexact=customer.only_address) if customer.only_address else own

    def named_to(self, customer: Customer) -> Self:
        """Requests in which he was named by an address that he proved, where nobody's level forbids it.

        His own level must allow it; for a request of another organisation than his, that one's level too.
        """
        if customer.sharing_level == Sharing.OWN:
            return self.none()
        rows = Participant.objects.filter(customer=customer, is_named=True)
        if customer.only_address:
            rows = rows.filter(address__iexact=customer.only_address)
        else:
            rows = rows.filter(address__in=_proved(customer).values("value"))
        is_ours = Q(organization=customer.organization_id) if customer.organization_id else Q(organization__isnull=True)
        return self.filter(is_ours | ~Q(organization__sharing=Sharing.OWN), pk__in=rows.values("ticket"))

    def of_organization_of(self, customer: Customer) -> Self:
        """All requests of his organisation, if he reads them all. Uses index: ticket_organization."""
        if not customer.reads_organization:
            return self.none()
        return self.filter(Exists(_proved(customer)), organization=customer.organization_id)

    def unfinished(self) -> Self:
        return self.filter(_UNFINISHED)

    def longest_waiting(self) -> Self:
        """Queue order: priority, then who waits longest for us. Uses index: ticket_queue_line, ticket_mine, ticket_line."""
        return self.order_by("place", "id")

    def with_people(self) -> Self:
        """Everything a list row shows, in a fixed number of queries."""
        return self.select_related("queue", "assignee", "requester").prefetch_related("tags")


class Ticket(models.Model):
    """Counters `last_seq` and `last_public_seq` move only under the row's lock, in `conversation.append`."""

    subject = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    priority = models.SmallIntegerField(choices=Priority.choices, default=Priority.NORMAL)
    kind = models.CharField(max_length=12, choices=Kind.choices, null=True, blank=True)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    language = models.CharField(max_length=5, blank=True, default="")
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, db_index=False)
    assignee = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets", db_index=False
    )
    requester = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="tickets", db_index=False)
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, db_index=False)
    # Where public replies go by mail; '' while no address is known or, for a chat, proved
    reply_address = models.CharField(max_length=320, blank=True, default="")
    mailbox = models.ForeignKey("tickets.Mailbox", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    tags = models.ManyToManyField("tickets.Tag", through="tickets.TicketTag", related_name="tickets")
    fields = models.JSONField(default=dict, blank=True)

    # Place in the line as one sortable number (see `set_place`): a keyset page needs one key without NULLs
    place = models.BigIntegerField(default=0)
    last_seq = models.PositiveIntegerField(default=0)
    last_public_seq = models.PositiveIntegerField(default=0)
    customer_seen_seq = models.PositiveIntegerField(default=0)
    preview = models.CharField(max_length=160, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    last_message_at = models.DateTimeField()
    # Since when the customer waits for an answer; empty while he does not
    waiting_since = models.DateTimeField(null=True, blank=True)
    first_replied_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    follows = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="followed_by")
    # The request that goes on in this one's place: later mail to this one belongs there
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    # Subject analysed for search (`lib.search`)
    terms = models.TextField(blank=True, default="")

    objects = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=Status.values), name="ticket_status_known"),
            models.CheckConstraint(condition=Q(priority__gte=1, priority__lte=4), name="ticket_priority_known"),
            models.CheckConstraint(condition=Q(last_public_seq__lte=F("last_seq")), name="ticket_public_within_all"),
            models.CheckConstraint(
                condition=Q(customer_seen_seq__lte=F("last_public_seq")), name="ticket_seen_within_public"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["solved", "closed"]) | Q(solved_at__isnull=False),
                name="ticket_finished_has_time",
            ),
        ]
        indexes = [
            # queue page: longest_waiting() of one queue, unfinished only
            models.Index(fields=["queue", "place", "id"], condition=_UNFINISHED, name="ticket_queue_line"),
            # my tickets
            models.Index(fields=["assignee", "place", "id"], condition=_UNFINISHED, name="ticket_mine"),
            # all queues of an agent at once
            models.Index(fields=["place", "id"], condition=_UNFINISHED, name="ticket_line"),
            # wake up what was snoozed
            models.Index(fields=["snoozed_until"], condition=Q(snoozed_until__isnull=False), name="ticket_snoozed"),
            # a customer's history; a queue's newest of any status
            models.Index("requester", F("id").desc(), name="ticket_requester"),
            models.Index("queue", F("id").desc(), name="ticket_queue_newest"),
            models.Index("organization", F("id").desc(), name="ticket_organization"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def number(self) -> str:
        """How people name it; a stable public reference, not a secret."""
        return str(self.pk)

    def set_place(self) -> None:
        """Recompute `place`: higher priority first, those who wait for us before those we answered, then the longest.

        Milliseconds since 1970 stay below 5·10¹² until the year 2128.
        """
        moment = self.waiting_since or self.last_message_at
        answered = 0 if self.waiting_since else 5 * 10**12
        self.place = (Priority.URGENT - self.priority) * 10**13 + answered + int(moment.timestamp() * 1000)

    @property
    def is_finished(self) -> bool:
        return self.status not in UNFINISHED


class Tag(models.Model):
    """A word that people or rules put on tickets."""

    name = models.CharField(max_length=50, unique=True)

    def __str__(self) -> str:
        return self.name


class TicketTag(models.Model):
    """Which ticket bears which tag."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, db_index=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "tag"], name="ticket_tag_once")]
        indexes = [
            # tickets of a tag
            models.Index(fields=["tag", "ticket"], name="ticket_tag_reverse"),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.tag}"


class Participant(models.Model):
    """Who else takes part: a colleague who follows, or a customer in copy."""

    class Role(models.TextChoices):
        CC = "cc", _("In copy")
        FOLLOWER = "follower", _("Follower")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE)
    customer = models.ForeignKey(Customer, null=True, blank=True, on_delete=models.CASCADE)
    kind = models.CharField(max_length=10, choices=Role.choices)
    # A customer named him, by this address: our answers go there, and whoever proves it may read and answer in the portal
    is_named = models.BooleanField(default=False, db_default=False)
    address = models.CharField(max_length=320, blank=True, default="", db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(customer__isnull=True), name="participant_user_xor_customer"
            ),
            models.UniqueConstraint(
                fields=["ticket", "user"], condition=Q(user__isnull=False), name="participant_user_once"
            ),
            models.UniqueConstraint(
                fields=["ticket", "customer"], condition=Q(customer__isnull=False), name="participant_customer_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"
