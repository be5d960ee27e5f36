"""Addresses that websites and visitors load."""

from django.urls import URLPattern, path

from chat import views

urlpatterns: list[URLPattern] = [
    path("w/<slug:key>.js", views.loader, name="widget-loader"),
    path("w/<slug:key>/", views.frame, name="widget-frame"),
    path("demo/shop/", views.shop, name="demo-shop"),
]
