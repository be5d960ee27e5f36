"""What the customer said of it."""

from django.db import models
from django.db.models import F, Q

from helpdesk.people.models import Customer, Team, User
from tickets.models.queue import Queue
from tickets.models.ticket import Ticket


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Reads of surveys."""

    def visible_to(self, user: User) -> "SurveyQuerySet":
        """Answers about the work of the user's teams; all for administrators."""
        if not user.may("survey.read"):
            return self.none()
        if user.role == User.Role.ADMIN:
            return self
        return self.filter(team__members=user)

    def answered(self) -> "SurveyQuerySet":
        return self.filter(answered_at__isnull=False)


class Survey(models.Model):
    """One asking per solving. Agent, team, queue, channel and rule are frozen as they were at the moment of solving."""

    ticket = models.ForeignKey(Ticket, on_delete=models.PROTECT, related_name="surveys", db_index=False)
    nr = models.PositiveSmallIntegerField(default=1)
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="surveys")
    agent = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="surveys")
    team = models.ForeignKey(Team, on_delete=models.PROTECT)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT)
    channel = models.CharField(max_length=8)
    rule = models.CharField(max_length=120, blank=True, default="")
    solved_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    score = models.PositiveSmallIntegerField(null=True, blank=True)
    comment = models.TextField(blank=True, default="")
    may_contact = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "nr"], name="survey_once_per_solving"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=1, score__lte=5), name="survey_score_range"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) ^ Q(answered_at__isnull=False), name="survey_answer_has_time"
            ),
        ]
        indexes = [
            # reviews: newest answers; averages over a period
            models.Index(F("answered_at").desc(), "id", condition=Q(answered_at__isnull=False), name="survey_answered"),
        ]

    def __str__(self) -> str:
        return f"survey {self.nr} of {self.ticket_id}"
