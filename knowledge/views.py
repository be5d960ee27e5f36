"""The help centre. Every page is complete without JavaScript; each reader finds what he is meant to read."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST, require_safe

from helpdesk.lib import errors, ratelimit
from helpdesk.people.models import User
from knowledge import feedback, finding, pages, readers
from knowledge.alerts import following
from knowledge.models import Article, ArticleQuerySet, Category, Reader

_MOST_ASKED = 6
_MISSES_AN_HOUR = 30
_ANSWERS_AN_HOUR = 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The front page: search first, then the sections."""
    rows = finding.readable(readers.of(request), _language())
    here = Q(articles__in=rows)
    sections = Category.objects.annotate(size=Count("articles", filter=here)).filter(size__gt=0)
    sections = sections.order_by("position", "id")  # a grouping query forgets the model's own order
    newest = rows.select_related("category").order_by("-published_at", "-id")[:_MOST_ASKED]
    shown = [pages.Section(section, _language(), section.size) for section in sections]
    context = {"here": "help", "sections": shown, "articles": newest, "feed": reverse("knowledge:feed")}
    return render(request, "knowledge/home.html", context)


@require_safe
def section(request: HttpRequest, slug: str) -> HttpResponse:
    """All articles of one section."""
    found = get_object_or_404(Category, slug=slug)
    rows = finding.readable(readers.of(request), _language()).filter(category=found).shelved()
    articles = Paginator(rows, 50).get_page(request.GET.get("page"))
    shown = pages.Section(found, _language(), articles.paginator.count)
    context = {"here": "help", "section": shown, "articles": articles}
    context["feed"] = reverse("knowledge:section-feed", args=[slug])
    context["offers_alerts"] = following.offered().filter(pk=found.pk).exists()
    return render(request, "knowledge/section.html", context)


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """The articles that answer; when none does, the question goes on to the request form."""
    question = request.GET.get("q", "").replace("\x00", "").strip()[:500]
    reader = readers.of(request)
    hits = finding.search_for(question, finding.readable(reader, _language())) if question else []
    elsewhere = [] if hits or not question else _elsewhere(question, reader)
    if question and not hits and not isinstance(reader, User):
        _note_miss(request, question)
    shown = {"here": "help", "question": question, "hits": hits, "elsewhere": elsewhere}
    return render(request, "knowledge/search.html", shown)


@require_safe
def article(request: HttpRequest, slug: str, article_id: int) -> HttpResponse:
    """One article. In another language than its own: its translation, or itself with a word of apology."""
    rows = finding.readable(readers.of(request))
    found = _readable_or_404(rows, article_id)
    twin = None if found.language == _language() else rows.in_language(_language()).translations_of(found).first()
    if twin is not None or slug != found.slug:
        return redirect((twin or found).url_in(_language()), permanent=twin is None)
    context = pages.article(found, rows, _language())
    reference = request.GET.get("why", "")
    asks_why = reference if feedback.read(reference) is not None else ""
    context |= {"thanks": "thanks" in request.GET, "reference": asks_why}
    response = render(request, "knowledge/article.html", context)
    if not found.is_public:
        response["Cache-Control"] = "private, no-store"
    return response


@require_POST
def give_feedback(request: HttpRequest, slug: str, article_id: int) -> HttpResponse:
    """Yes, no, or why not; answers with the article again, thanking."""
    found = _readable_or_404(finding.readable(readers.of(request)), article_id)
    said = {"thanks": "1"}
    if not ratelimit.allow("help-feedback", _ip(request), limit=_ANSWERS_AN_HOUR, seconds=3600):
        pass  # thanked, not counted: one voice is enough
    elif reference := request.POST.get("reference"):
        _explain(found, reference, request)
    elif request.POST.get("helpful") == "yes":
        feedback.give(found, helpful=True)
    else:
        said = {"why": feedback.give(found, helpful=False)}
    return redirect(f"{found.url_in(_language())}?{urlencode(said)}#feedback")


@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    """Search engines may read the help centre; what people wrote and the console are none of their business."""
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in _PRIVATE),
        f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain")


_PRIVATE = ("/desk/", "/api/", "/admin/", "/s/", "/w/", "/alerts/", "/*/help/alerts/", "/*/my/", "/*/help/search")


def _readable_or_404(rows: ArticleQuerySet, article_id: int) -> Article:
    found = rows.select_related("category").filter(pk=article_id).first()
    if found is None:
        raise Http404
    return found


def _note_miss(request: HttpRequest, question: str) -> None:
    if ratelimit.allow("help-miss", _ip(request), limit=_MISSES_AN_HOUR, seconds=3600):
        finding.note_miss(question, _language())


def _explain(found: Article, reference: str, request: HttpRequest) -> None:
    try:
        feedback.explain(found, reference, reason=request.POST.get("reason", ""), words=request.POST.get("words", ""))
    except errors.NotFound:
        # The page lay open too long: the answer itself was counted, and nobody is blamed.
        return


def _elsewhere(question: str, reader: Reader) -> list[Any]:
    """What the other languages say, when this one says nothing."""
    return finding.search_for(question, finding.readable(reader).exclude(language=_language()), limit=3, prefix=False)


def _language() -> str:
    return (get_language() or settings.LANGUAGE_CODE)[:2]


def _ip(request: HttpRequest) -> str:
    return ratelimit.source(request)
