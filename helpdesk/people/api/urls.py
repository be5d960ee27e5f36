"""Addresses of people."""

from django.urls import path

from helpdesk.people.api import imports, sharing, team, views

urlpatterns = [
    path("me/", views.Me.as_view(), name="me"),
    path("team/", team.TeamPeople.as_view(), name="team"),
    path("team/<int:user_id>/", team.TeamPerson.as_view(), name="team-person"),
    path("team/<int:user_id>/absences/", team.Absences.as_view(), name="absences"),
    path("team/<int:user_id>/absences/<int:absence_id>/", team.AbsenceDetail.as_view(), name="absence"),
    path("imports/", imports.Imports.as_view(), name="imports"),
    path("imports/<int:import_id>/", imports.ImportDetail.as_view(), name="import"),
    path("imports/<int:import_id>/read/", imports.ImportRead.as_view(), name="import-read"),
    path("imports/<int:import_id>/check/", imports.ImportCheck.as_view(), name="import-check"),
    path("imports/<int:import_id>/run/", imports.ImportRun.as_view(), name="import-run"),
    path("imports/<int:import_id>/undo/", imports.ImportUndo.as_view(), name="import-undo"),
    path("imports/<int:import_id>/rows/", imports.ImportRows.as_view(), name="import-rows"),
    path("exports/", imports.Exports.as_view(), name="exports"),
    path("exports/<int:export_id>/", imports.ExportDetail.as_view(), name="export"),
    path("exports/<int:export_id>/file/", imports.ExportFile.as_view(), name="export-file"),
    path("customers/<int:customer_id>/sharing/", sharing.CustomerSharingDetail.as_view(), name="customer-sharing"),
    path("organizations/<int:organization_id>/", sharing.OrganizationSharingDetail.as_view(), name="organization"),
    path("skills/", team.Skills.as_view(), name="skills"),
    path("skills/<slug:slug>/", team.SkillDetail.as_view(), name="skill"),
]
