"""Addresses of people."""

from django.urls import path

from helpdesk.people.api import team, views

urlpatterns = [
    path("me/", views.Me.as_view(), name="me"),
    path("team/", team.TeamPeople.as_view(), name="team"),
    path("team/<int:user_id>/", team.TeamPerson.as_view(), name="team-person"),
    path("team/<int:user_id>/absences/", team.Absences.as_view(), name="absences"),
    path("team/<int:user_id>/absences/<int:absence_id>/", team.AbsenceDetail.as_view(), name="absence"),
    path("skills/", team.Skills.as_view(), name="skills"),
    path("skills/<slug:slug>/", team.SkillDetail.as_view(), name="skill"),
]
