"""Staff: the people who log in and answer."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock
from helpdesk.lib.actor import Actor
from helpdesk.people import capabilities


class UserManager(BaseUserManager["User"]):
    """Makes users; addresses are stored in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new user; without a password he can only sign in by another way (OIDC, reset link)."""
        user = self.model(email=email.lower(), created_at=clock.now(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An administrator (Django's `createsuperuser`)."""
        return self.create_user(email, password, **{"role": User.Role.ADMIN, **fields})


class User(AbstractBaseUser):
    """`availability` is what the agent says; whether he is there is presence, in the cache."""

    class Role(models.TextChoices):
        READER = "reader", _("Reader")
        AGENT = "agent", _("Agent")
        SUPERVISOR = "supervisor", _("Supervisor")
        ADMIN = "admin", _("Administrator")

    class Availability(models.TextChoices):
        AVAILABLE = "available", _("Available")
        FINISHING = "finishing", _("Finishing")
        AWAY = "away", _("Away")
        OFFLINE = "offline", _("Offline")

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.AGENT)
    is_active = models.BooleanField(default=True)
    locale = models.CharField(max_length=5, default="en")
    timezone = models.CharField(max_length=60, blank=True, default="")
    availability = models.CharField(max_length=10, choices=Availability.choices, default=Availability.OFFLINE)
    # At most so many at a time: live chats, and tickets that wait for us (empty: any number)
    chat_capacity = models.PositiveSmallIntegerField(default=3)
    ticket_capacity = models.PositiveSmallIntegerField(null=True, blank=True)
    signature = models.TextField(blank=True, default="")
    # By what the telephone system names him when it rings at him: an extension, a number, a name
    extension = models.CharField(max_length=60, blank=True, default="", db_default="")
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_lower"),
            # a call pops up at one desk
            models.UniqueConstraint(Lower("extension"), condition=~models.Q(extension=""), name="user_extension_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=["reader", "agent", "supervisor", "admin"]), name="user_role_known"
            ),
            models.CheckConstraint(condition=models.Q(chat_capacity__lte=6), name="user_chat_capacity"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> Actor:
        """This user as the author of a change."""
        return Actor("user", self.pk, self.name)

    def may(self, capability: str) -> bool:
        """Whether the role holds a capability; which objects it reaches is decided by each room's access page."""
        return self.is_active and capability in capabilities.OF_ROLE[self.role]

    # Django's admin asks these; only administrators enter it.
    @property
    def is_staff(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff
