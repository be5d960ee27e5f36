"""Pages of the house itself: console shell, health, metrics, errors."""

import os
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from helpdesk.jobs.models import Job
from helpdesk.lib import clock


def site_context(request: HttpRequest) -> dict[str, Any]:
    """What every template may use."""
    return {"PUBLIC_URL": settings.PUBLIC_URL, "SITE_NAME": settings.SITE_NAME}


def home(request: HttpRequest) -> HttpResponse:
    """The front door leads to the help centre in the visitor's language."""
    return redirect(f"/{(get_language() or 'en')[:2]}/help/")


@ensure_csrf_cookie
def desk(request: HttpRequest) -> HttpResponse:
    """The console's shell; the app inside decides what to show and signs in."""
    return render(request, "helpdesk/desk.html")


def healthz(request: HttpRequest) -> HttpResponse:
    """The process lives."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> JsonResponse:
    """Whether this process can serve: 503 with the reasons when database, cache, storage or jobs are not well."""
    problems = {name: reason for name, probe in _PROBES.items() if (reason := _reason(probe))}
    return JsonResponse({"ready": not problems, "problems": problems}, status=503 if problems else 200)


def _reason(probe: Any) -> str:
    try:
        return str(probe() or "")
    except Exception as error:
        return type(error).__name__


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _cache() -> str:
    cache.set("readyz", 1, timeout=10)
    return "" if cache.get("readyz") == 1 else "the cache forgets"


def _storage() -> str:
    return "" if os.access(settings.VAR, os.W_OK) else "var/ is not writable"


def _oldest_job() -> str:
    """Jobs that nobody runs for ten minutes mean that no worker is alive."""
    late = clock.now() - timedelta(minutes=10)
    oldest = Job.objects.due(late).first()
    return f"a job has been due since {oldest.run_at:%Y-%m-%dT%H:%M:%SZ}: is a worker running?" if oldest else ""


_PROBES = {"database": _database, "cache": _cache, "storage": _storage, "jobs": _oldest_job}


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus metrics; with METRICS_TOKEN set, only for its bearer, else only for the machine itself."""
    token = settings.METRICS_TOKEN
    is_allowed = (
        request.headers.get("Authorization") == f"Bearer {token}"
        if token
        else request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and not request.headers.get("X-Forwarded-For")
    )
    if not is_allowed:
        return HttpResponse(status=403)
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open too long: say what to do; the typed text is still in the previous page."""
    return _sorry(
        request, 403, _("This form has expired"), _("Go back, reload the page and send it again: your text is kept.")
    )


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _sorry(request, 404, _("Page not found"), _("The address may be wrong, or the page has moved."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _sorry(request, 400, _("This request could not be read"), _("Go back and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    title, detail = _("Something went wrong on our side"), _("Nothing you typed is lost: go back and retry.")
    if request.path.startswith("/api/"):
        return _problem(500, title, detail)
    page = render_to_string("helpdesk/broken.html", {"title": title, "detail": detail, "language": get_language()})
    return HttpResponse(page, status=500)


def _sorry(request: HttpRequest, status: int, title: str, detail: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(status, title, detail)
    return render(request, "helpdesk/sorry.html", {"title": title, "detail": detail}, status=status)


def _problem(status: int, title: str, detail: str) -> JsonResponse:
    body = {"code": str(status), "title": title, "detail": detail, "fields": {}}
    return JsonResponse(body, status=status, content_type="application/problem+json")
