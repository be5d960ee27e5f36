"""Addresses of this room outside the languages: the sitemap, and where search engines are told of it."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from knowledge import views
from knowledge.sitemaps import SITEMAPS

urlpatterns = [
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
]
