"""The pages of alerts: ask, confirm, manage, end. Opening a page changes nothing; only its button does."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from helpdesk.lib import errors, ratelimit
from helpdesk.lib.secret_pages import unkept
from knowledge.alerts import asking, following
from knowledge.alerts.forms import AskForm
from knowledge.models import Category, Subscriber


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for mail on a topic. The answer is the same whether or not the address is known."""
    form = AskForm(request.POST or None, initial={"topic": request.GET.get("topic", "")}).named_in(_language())
    try:
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            asking.ask(given["email"], given["topic"], language=_language(), source=ratelimit.source(request))
            return redirect(f"{reverse('knowledge:alerts')}?sent=1")
    except errors.DomainError as error:
        form.refuse(error)
    context = {"form": form, "is_sent": "sent" in request.GET, "hours": settings.ALERT_CONFIRM_HOURS, "here": "help"}
    status = form.status if request.method == "POST" else 200
    return render(request, "knowledge/alerts/ask.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link shows a button, because mail scanners follow links; the button confirms."""
    if request.method == "POST":
        subscriber = asking.confirm(token)
        if subscriber is not None:
            page = reverse("alerts-manage", args=[following.reference(subscriber)])
            return unkept(redirect(f"{page}?confirmed=1"))
    found = asking.peek(token)
    if found is None:
        return unkept(render(request, "knowledge/alerts/expired.html", status=404))
    shown = {"email": found.email, "topic": found.category.name(_language())}
    return unkept(render(request, "knowledge/alerts/confirm.html", shown))


@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """Which topics, in which language; by the link that stands in each mail."""
    subscriber = _subscriber(token)
    if request.method == "POST" and subscriber is not None:
        chosen = request.POST.get("language", "")
        subscriber = following.change(subscriber, topics=request.POST.getlist("topic"), language=chosen)
        if subscriber is not None:
            return unkept(redirect(f"{request.path}?saved=1"))
    if subscriber is None:
        return _page(request, None, "knowledge/alerts/ended.html")
    here = _spoken(request, subscriber)
    followed = following.topics(subscriber)
    sections = (following.offered() | Category.objects.filter(pk__in=followed)).order_by("position", "id")
    topics = [(one.slug, one.name(here), one.pk in followed) for one in sections]
    context = {
        "subscriber": subscriber,
        "topics": topics,
        "languages": settings.LANGUAGES,
        "is_confirmed": "confirmed" in request.GET,
        "is_saved": "saved" in request.GET,
        "end": reverse("alerts-end", args=[token]),
        "alternates": {code: f"{request.path}?lang={code}" for code, _name in settings.LANGUAGES},
    }
    return _page(request, subscriber, "knowledge/alerts/manage.html", context)


# Mail programs press the button for their reader, without cookies (RFC 8058); the token in the address is the proof.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """No more mail. A GET shows a button: what follows links must end nothing."""
    subscriber = _subscriber(token)
    if subscriber is None or request.method != "POST":
        template = "knowledge/alerts/end.html" if subscriber else "knowledge/alerts/ended.html"
        return _page(request, subscriber, template)
    is_program = request.POST.get("List-Unsubscribe") == "One-Click"
    following.end(subscriber, how="one_click" if is_program else "link")
    return _page(request, subscriber, "knowledge/alerts/ended.html")


def _subscriber(token: str) -> Subscriber | None:
    try:
        return following.open_link(token)
    except errors.NotFound as missing:
        raise Http404 from missing


def _page(
    request: HttpRequest, subscriber: Subscriber | None, template: str, context: dict[str, object] | None = None
) -> HttpResponse:
    """A page without a language in its address: it speaks the subscriber's, or that which he chose on the page."""
    with translation.override(_spoken(request, subscriber)):
        response = render(request, template, context or {})
        response["Content-Language"] = _language()
    return unkept(response)


def _spoken(request: HttpRequest, subscriber: Subscriber | None) -> str:
    chosen = request.GET.get("lang", "")
    if chosen in dict(settings.LANGUAGES):
        return chosen
    return subscriber.language if subscriber else _language()


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]
