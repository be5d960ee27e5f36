"""Addresses of this room outside the languages: the sitemap, robots.txt, the links of alerts (which speak the subscriber's)."""

from django.contrib.sitemaps.views import sitemap
from django.urls import path

from knowledge import views
from knowledge.alerts import views as views_alerts
from knowledge.sitemaps import SITEMAPS

urlpatterns = [
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path("alerts/<str:token>/", views_alerts.manage, name="alerts-manage"),
    path("alerts/<str:token>/end/", views_alerts.end, name="alerts-end"),
]
