"""Teams: people who serve the same queues."""

from django.db import models

from helpdesk.people.models.user import User


class Team(models.Model):
    """A group of staff; each queue is served by one."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(unique=True)
    members = models.ManyToManyField(User, through="TeamMember", related_name="teams")

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """Who belongs to which team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"
