"""Who can do what, and when: skills, weekly shifts, absences."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models.user import User


class Skill(models.Model):
    """A language or a topic. A language's slug is the code that tickets carry: `fr`."""

    class Kind(models.TextChoices):
        LANGUAGE = "language", _("Language")
        TOPIC = "topic", _("Topic")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=60)
    # The same in French; '' where one name serves both
    name_fr = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TOPIC)
    people = models.ManyToManyField(User, through="UserSkill", related_name="skills")

    class Meta:
        ordering = ["kind", "name", "id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=["language", "topic"]), name="skill_kind_known")]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return (self.name_fr if (get_language() or "").startswith("fr") else "") or self.name


class UserSkill(models.Model):
    """Who has which skill."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    skill = models.ForeignKey(Skill, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "skill"], name="user_skill_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.skill_id}"


class Shift(models.Model):
    """Hours of every week, minutes since midnight in the user's own zone; `ends` not after `starts` is the next day.

    Whoever has no shifts is always on shift.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    starts = models.PositiveSmallIntegerField()
    ends = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["weekday", "starts"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, starts__lt=1440, ends__lte=1440) & ~Q(starts=F("ends")),
                name="shift_is_hours",
            ),
            models.UniqueConstraint(fields=["user", "weekday", "starts"], name="shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.weekday} {self.starts}-{self.ends}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Reads of absences."""

    def coming(self, moment: datetime) -> Self:
        """Those that are not over. Uses index: absence_of_user."""
        return self.filter(ends_at__gt=moment).order_by("starts_at", "id")


class Absence(models.Model):
    """From one moment to another somebody gets no work. The reason is for himself and those who lead him."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=120, blank=True, default="")
    created_at = models.DateTimeField()

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_has_length")]
        indexes = [
            # who is absent now, and until when
            models.Index(fields=["user", "ends_at"], name="absence_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
