"""Addresses of visitors' pages below the language: `/fr/call/…`."""

from django.urls import URLPattern, path

from chat import views_callback

urlpatterns: list[URLPattern] = [
    path("call/<str:token>/", views_callback.page, name="callback"),
]
