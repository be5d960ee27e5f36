"""Addresses without a language: the survey speaks the customer's, a file none."""

from django.urls import URLPattern, path

from tickets.portal import views_survey

urlpatterns: list[URLPattern] = [
    path("s/<str:token>/", views_survey.survey, name="survey"),
    path("files/<str:token>/<str:name>", views_survey.file, name="file"),
]
