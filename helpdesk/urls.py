"""Every address of the product, room by room."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView

from helpdesk import views
from tickets.channels import webhooks

admin.site.login = RedirectView.as_view(url="/desk/sign-in", query_string=True)  # type: ignore[method-assign, assignment]


class Schema(SpectacularAPIView):
    """The OpenAPI description of this API."""

    needs = {"GET": "public"}


api: list[URLPattern | URLResolver] = [
    path("schema/", Schema.as_view(), name="schema"),
    path("", include("helpdesk.people.api.urls")),
    path("", include("tickets.api.urls")),
    path("", include("knowledge.api.urls")),
    path("", include("chat.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("favicon.ico", RedirectView.as_view(url="/static/favicon.svg", permanent=True)),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.metrics),
    path("api/v1/", include(api)),
    path("mail/in/<str:provider>/", webhooks.receive, name="mail-in"),
    path("_allauth/", include("allauth.headless.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    re_path(r"^desk/(?:.*)$", views.desk, name="desk"),
    path("", include("tickets.portal.plain_urls")),
    path("", include("knowledge.plain_urls")),
    path("", include("chat.urls")),
    *i18n_patterns(
        path("", include("knowledge.urls")),
        path("", include("tickets.portal.urls")),
        path("", include("chat.portal_urls")),
    ),
]

handler400 = "helpdesk.views.bad_request"
handler404 = "helpdesk.views.not_found"
handler500 = "helpdesk.views.server_error"
