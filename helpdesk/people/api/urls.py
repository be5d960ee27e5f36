"""Addresses of people."""

from django.urls import path

from helpdesk.people.api import views

urlpatterns = [path("me/", views.Me.as_view(), name="me")]
