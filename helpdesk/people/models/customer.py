"""Customers: the people who ask. They never gain a staff right, because they live in another table."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from helpdesk.lib.actor import Actor


class Sharing(models.TextChoices):
    """Which requests a customer reads beside his own, each level with those above it."""

    OWN = "own", _("Only one's own requests")
    NAMED = "named", _("Also requests in which one was named")
    ALL = "all", _("All requests of the organisation")


class Organization(models.Model):
    """A company or body to which customers belong."""

    name = models.CharField(max_length=200, unique=True)
    domains = models.JSONField(default=list, blank=True)
    # What its people read of each other's requests, unless it is said of the person
    sharing = models.CharField(max_length=5, choices=Sharing, default=Sharing.OWN, db_default=Sharing.OWN)
    # The id that another system knows it by
    external_id = models.CharField(max_length=320, null=True, blank=True, unique=True)

    def __str__(self) -> str:
        return self.name


class CustomerQuerySet(models.QuerySet["Customer"]):
    """Reads of customers."""

    def current(self) -> "CustomerQuerySet":
        """Those who were neither merged into another record nor erased."""
        return self.filter(merged_into__isnull=True, erased_at__isnull=True)


class Customer(models.Model):
    """A person who asks; without any identity he is a visitor whom nothing names yet."""

    name = models.CharField(max_length=200, blank=True, default="")
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT)
    # '' is what his organisation has
    sharing = models.CharField(max_length=5, choices=Sharing, blank=True, default="", db_default="")
    locale = models.CharField(max_length=5, blank=True, default="")
    timezone = models.CharField(max_length=60, blank=True, default="")
    note = models.TextField(blank=True, default="")
    fields = models.JSONField(default=dict, blank=True)
    # Made by the widget and not proved since: an address typed there never leads to this record.
    is_visitor = models.BooleanField(default=False)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged")
    erased_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    # Whether this very process made the record a moment ago: nothing can be known of it yet
    is_just_made = False
    # He is let in by this address alone (`Identity.is_apart`): what was written from another one is not his to read
    only_address = ""

    objects = CustomerQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"

    @property
    def actor(self) -> Actor:
        """This customer as the author of a change."""
        return Actor("customer", self.pk, self.name)

    @property
    def sharing_level(self) -> str:
        """What he reads of others' requests. Without an organisation: where somebody named him himself."""
        if self.sharing:
            return self.sharing
        return self.organization.sharing if self.organization is not None else str(Sharing.NAMED)

    @property
    def reads_organization(self) -> bool:
        """Whether all requests of his organisation are his to read, once he has proved who he is."""
        return self.sharing_level == Sharing.ALL and self.organization_id is not None and not self.only_address


class Identity(models.Model):
    """An address, number or id of a customer: claimed until `verified_at` says when and thus that it was proved."""

    class Kind(models.TextChoices):
        EMAIL = "email", _("E-mail")
        PHONE = "phone", _("Phone")
        EXTERNAL = "external", _("External id")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=320)
    verified_at = models.DateTimeField(null=True, blank=True)
    # Only claimed when its record was merged: whoever proves it later reads what was written from it, and nothing else
    is_apart = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # one owner per proved identity
            models.UniqueConstraint(
                fields=["kind", "value"], condition=models.Q(verified_at__isnull=False), name="identity_proved_once"
            ),
            models.UniqueConstraint(fields=["customer", "kind", "value"], name="identity_once_per_customer"),
        ]
        indexes = [
            # customers.resolve: who owns or claims this address?
            models.Index(fields=["kind", "value"], name="identity_value"),
        ]

    def __str__(self) -> str:
        return self.value


class LoginToken(models.Model):
    """A magic link: 256 random bits of which only the hash is stored; one purpose, one use, expiring."""

    purpose = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    email = models.CharField(max_length=320)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.purpose} for customer {self.customer_id}"
