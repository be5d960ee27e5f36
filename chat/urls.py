"""Addresses that websites and visitors load."""

from django.urls import URLPattern, path

from chat import views, views_callback

urlpatterns: list[URLPattern] = [
    path("w/<slug:key>.js", views.loader, name="widget-loader"),
    path("w/<slug:key>/teaser.js", views.teaser, name="widget-teaser"),
    path("w/<slug:key>/", views.frame, name="widget-frame"),
    path("call/<str:token>/call.ics", views_callback.calendar, name="callback-calendar"),
    path("demo/shop/", views.shop, name="demo-shop"),
]
