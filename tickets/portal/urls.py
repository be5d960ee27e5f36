"""Addresses of the customer's pages, below the language: `/fr/contact/`, `/en/my/`."""

from django.urls import URLPattern, path

from tickets.portal import views_colleagues, views_contact, views_my

urlpatterns: list[URLPattern] = [
    path("contact/", views_contact.contact, name="contact"),
    path("contact/request/", views_contact.request_form, name="contact-request"),
    path("contact/request/<str:token>/", views_contact.request_done, name="contact-done"),
    path("my/", views_my.requests, name="my"),
    path("my/login/", views_my.login, name="my-login"),
    path("my/login/<str:token>/", views_my.open_link, name="my-link"),
    path("my/prove/<str:token>/", views_my.prove, name="my-prove"),
    path("my/sign-out/", views_my.sign_out, name="my-sign-out"),
    path("my/<int:number>/", views_my.one_request, name="my-request"),
    path("my/<int:number>/files/<uuid:key>/", views_my.file, name="my-file"),
    path("my/<int:number>/reply/", views_my.reply, name="my-reply"),
    path("my/<int:number>/colleagues/", views_colleagues.name, name="my-name"),
    path("my/<int:number>/colleagues/<int:key>/remove/", views_colleagues.remove, name="my-remove"),
    path("my/<int:number>/join/", views_colleagues.join, name="my-join"),
    path("my/<int:number>/leave/", views_colleagues.leave, name="my-leave"),
    path("my/<int:number>/solve/", views_my.solve, name="my-solve"),
]
