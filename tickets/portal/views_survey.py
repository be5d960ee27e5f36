"""The survey page and the files: addresses without a language of their own, opened by a signed token."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from helpdesk.lib import errors, ratelimit
from helpdesk.people.models import User
from tickets import attachments, surveys
from tickets.models import Survey
from tickets.portal import session
from tickets.portal.forms import SurveyForm
from tickets.portal.session import unkept


@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, token: str) -> HttpResponse:
    """Opening records nothing (`?score=` only preselects); sending records; all in the language of the request."""
    try:
        found = surveys.open_link(token)
    except errors.NotFound as missing:
        return unkept(render(request, "tickets/portal/survey_gone.html", {"detail": missing.detail}, status=404))
    language = _language(request, found)
    with translation.override(language):
        response = _answer(request, found) if request.method == "POST" else _show(request, found)
        response["Content-Language"] = language
        return unkept(response)


def _language(request: HttpRequest, found: Survey) -> str:
    """That of the request, unless the reader chose the other one on the page."""
    chosen = request.GET.get("lang", "")
    return chosen if chosen in dict(settings.LANGUAGES) else surveys.language(found)


def _show(request: HttpRequest, found: Survey) -> HttpResponse:
    score = found.score or request.GET.get("score", "")
    initial = {"score": score, "comment": found.comment, "may_contact": found.may_contact}
    return _survey_page(request, found, SurveyForm(initial=initial))


def _answer(request: HttpRequest, found: Survey) -> HttpResponse:
    form = SurveyForm(request.POST)
    try:
        ratelimit.check("survey", ratelimit.source(request), limit=settings.RATE_PUBLIC_PER_MINUTE, seconds=60)
        if form.is_valid():
            given = form.cleaned_data
            surveys.answer(found, given["score"], given["comment"], given["may_contact"], by=found.customer.actor)
            return redirect(_here(request))
    except errors.DomainError as error:
        form.refuse(error)
    return _survey_page(request, found, form, status=form.status)


def _survey_page(request: HttpRequest, found: Survey, form: SurveyForm, status: int = 200) -> HttpResponse:
    context = {
        "survey": found,
        "form": form,
        "action": _here(request),
        "score_text": surveys.SCORES.get(found.score or 0, ""),
        "is_changeable": surveys.is_changeable(found),
        "alternates": {code: f"{request.path}?lang={code}" for code, _name in settings.LANGUAGES},
    }
    return render(request, "tickets/portal/survey.html", context, status=status)


def _here(request: HttpRequest) -> str:
    """This page in the language it is read in, without a score from the mail."""
    chosen = request.GET.get("lang", "")
    return f"{request.path}?lang={chosen}" if chosen in dict(settings.LANGUAGES) else request.path


@require_safe
def file(request: HttpRequest, token: str, name: str) -> HttpResponse:
    """A file by its link: saved, never run; only plain pictures may be shown in a page."""
    user = request.user if isinstance(request.user, User) and request.user.is_active else None
    try:
        found = attachments.open_link(token, user=user, customer=session.customer(request))
        content = attachments.content(found)
    except errors.NotFound as missing:
        raise Http404(str(missing.detail)) from missing
    is_shown = found.type in attachments.SHOWN_IN_PAGE
    response = HttpResponse(content, content_type=found.type if is_shown else "application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(not is_shown, found.name) or "attachment"
    return _harmless(response)


def _harmless(response: HttpResponse) -> HttpResponse:
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    return response
