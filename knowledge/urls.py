"""Addresses of the help centre, below the language."""

from django.urls import path

from knowledge import feeds, views
from knowledge.alerts import views as views_alerts

app_name = "knowledge"
urlpatterns = [
    path("help/", views.home, name="home"),
    path("help/search", views.search_page, name="search"),
    path("help/feed/", feeds.newest, name="feed"),
    path("help/alerts/", views_alerts.ask, name="alerts"),
    path("help/alerts/<str:token>/", views_alerts.confirm, name="alerts-confirm"),
    path("help/section/<slug:slug>/feed/", feeds.section, name="section-feed"),
    path("help/section/<slug:slug>/", views.section, name="section"),
    path("help/<slug:slug>-<int:article_id>/", views.article, name="article"),
    path("help/<slug:slug>-<int:article_id>/feedback/", views.give_feedback, name="feedback"),
]
