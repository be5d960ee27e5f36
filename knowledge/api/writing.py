"""Writing articles: listed in every state, changed, reviewed, published, compared and brought back."""

from typing import Any, ClassVar, cast

from django.db.models import Count
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from helpdesk.lib import search
from helpdesk.lib.api.pagination import IdCursor
from helpdesk.people.models import Team, User
from knowledge import access, differing, drafting, publishing, render
from knowledge.api import shapes
from knowledge.models import Article, ArticleQuerySet, ArticleVersion, Category

_STATES = ("open", "review", "approved")


def caller(request: Request) -> User:
    return cast(User, request.user)


def given(form: type[Serializer[Any]], request: Request) -> dict[str, Any]:
    """What was sent, checked."""
    read = form(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)


def answer(request: Request, article_id: int, status: int = 200) -> Response:
    """The article as it is now."""
    rows = access.articles(caller(request))
    found = access.article(caller(request), article_id)
    twins = rows.translations_of(found).order_by("language", "pk")
    found.behind = rows.behind().filter(pk=found.pk).exists()  # type: ignore[attr-defined]
    return Response(shapes.whole(found, twins), status=status)


class WrittenArticles(APIView):
    """`GET knowledge/articles/?q=&language=&section=&state=`, `POST`."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write", "POST": "knowledge.write"}
    pagination_class = IdCursor

    @extend_schema(
        parameters=[shapes.WrittenQuery],
        responses=shapes.WrittenArticleSerializer(many=True),
        operation_id="written_articles_list",
    )
    def get(self, request: Request) -> Response:
        query = shapes.WrittenQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = _asked(access.articles(caller(request)), **query.validated_data).with_behind()
        rows = rows.select_related("category", "draft").prefetch_related("teams")
        pages = IdCursor()
        found = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(shapes.WrittenArticleSerializer(found, many=True).data)

    @extend_schema(request=shapes.NewArticleInput, responses={201: shapes.WholeArticleSerializer})
    def post(self, request: Request) -> Response:
        wish = given(shapes.NewArticleInput, request)
        if original := wish.pop("translates"):
            wish["group"] = access.article(caller(request), original).group
        made = publishing.create(wish.pop("section"), by=caller(request), **wish)
        return answer(request, made.pk, 201)


class WrittenArticle(APIView):
    """`GET knowledge/articles/{id}/`; `PATCH`: where it stands and who may read it."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write", "PATCH": "knowledge.write"}

    @extend_schema(responses=shapes.WholeArticleSerializer)
    def get(self, request: Request, article_id: int) -> Response:
        return answer(request, article_id)

    @extend_schema(request=shapes.PlaceInput, responses=shapes.WholeArticleSerializer)
    def patch(self, request: Request, article_id: int) -> Response:
        found = access.article(caller(request), article_id)
        access.refuse_placing(caller(request), found)
        wish = given(shapes.PlaceInput, request)
        if "section" in wish:
            wish["category"] = wish.pop("section")
        publishing.update(found, by=caller(request), **wish)
        return answer(request, article_id)


class Draft(APIView):
    """`PUT knowledge/articles/{id}/draft/`, `DELETE …?number=`."""

    needs: ClassVar[dict[str, str]] = {"PUT": "knowledge.write", "DELETE": "knowledge.write"}

    @extend_schema(request=shapes.ArticleDraftInput, responses=shapes.WholeArticleSerializer)
    def put(self, request: Request, article_id: int) -> Response:
        found = access.article(caller(request), article_id)
        drafting.write(found, by=caller(request), **given(shapes.ArticleDraftInput, request))
        return answer(request, article_id)

    @extend_schema(parameters=[shapes.NumberInput], responses=shapes.WholeArticleSerializer)
    def delete(self, request: Request, article_id: int) -> Response:
        query = shapes.NumberInput(data=request.query_params)
        query.is_valid(raise_exception=True)
        drafting.discard(access.article(caller(request), article_id), **query.validated_data)
        return answer(request, article_id)


class _Step(APIView):
    """A step of the next text on its way to the readers."""

    def take(self, request: Request, article_id: int, form: type[Serializer[Any]], step: Any) -> Response:
        step(access.article(caller(request), article_id), by=caller(request), **given(form, request))
        return answer(request, article_id)


class Submit(_Step):
    """`POST knowledge/articles/{id}/submit/`: ask for a review."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.write"}

    @extend_schema(request=shapes.NumberInput, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        return self.take(request, article_id, shapes.NumberInput, drafting.submit)


class GiveBack(_Step):
    """`POST knowledge/articles/{id}/return/`: it needs a change first."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.publish"}

    @extend_schema(request=shapes.ReturnInput, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        return self.take(request, article_id, shapes.ReturnInput, drafting.give_back)


class Approve(_Step):
    """`POST knowledge/articles/{id}/approve/`: publish it, now or later."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.publish"}

    @extend_schema(request=shapes.ApproveInput, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        return self.take(request, article_id, shapes.ApproveInput, drafting.approve)


class Archive(APIView):
    """`POST knowledge/articles/{id}/archive/`: off every shelf."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.publish"}

    @extend_schema(request=None, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        publishing.archive(access.article(caller(request), article_id), by=caller(request))
        return answer(request, article_id)


class Confirm(APIView):
    """`POST knowledge/articles/{id}/confirm/`: the translation says what the other language says."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.publish"}

    @extend_schema(request=None, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int) -> Response:
        publishing.confirm(access.article(caller(request), article_id), by=caller(request))
        return answer(request, article_id)


class Versions(APIView):
    """`GET knowledge/articles/{id}/versions/`, newest first."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write"}
    pagination_class = IdCursor

    @extend_schema(responses=shapes.ArticleVersionSerializer(many=True), operation_id="article_versions_list")
    def get(self, request: Request, article_id: int) -> Response:
        rows = access.article(caller(request), article_id).versions.select_related("author", "approved_by")
        pages = IdCursor()
        found = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(shapes.ArticleVersionSerializer(found, many=True).data)


class Version(APIView):
    """`GET knowledge/articles/{id}/versions/{version}/`: the text, and what differs from it today."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write"}

    @extend_schema(responses=shapes.ArticleVersionTextSerializer)
    def get(self, request: Request, article_id: int, version_id: int) -> Response:
        version = access.version(caller(request), article_id, version_id)
        version.differences = differing.lines(_text(version), _text(version.article))  # type: ignore[attr-defined]
        return Response(shapes.ArticleVersionTextSerializer(version).data)


class Restore(APIView):
    """`POST knowledge/articles/{id}/versions/{version}/restore/`: a former text becomes the next one."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.write"}

    @extend_schema(request=shapes.NumberInput, responses=shapes.WholeArticleSerializer)
    def post(self, request: Request, article_id: int, version_id: int) -> Response:
        version = access.version(caller(request), article_id, version_id)
        drafting.restore(version.article, version, by=caller(request), **given(shapes.NumberInput, request))
        return answer(request, article_id)


class Preview(APIView):
    """`POST knowledge/preview/`: what readers would see of a text."""

    needs: ClassVar[dict[str, str]] = {"POST": "knowledge.write"}

    @extend_schema(request=shapes.PreviewInput, responses=shapes.PreviewSerializer)
    def post(self, request: Request) -> Response:
        return Response({"html": render.page(given(shapes.PreviewInput, request)["body"]).html})


class Choices(APIView):
    """`GET knowledge/choices/`: the sections and the teams there are."""

    needs: ClassVar[dict[str, str]] = {"GET": "knowledge.write"}

    @extend_schema(responses=shapes.ChoicesSerializer)
    def get(self, request: Request) -> Response:
        # A grouping query forgets the model's own order
        sections = Category.objects.annotate(follower_count=Count("followers")).order_by("position", "id")
        found = {"sections": sections, "teams": Team.objects.order_by("name")}
        return Response(shapes.ChoicesSerializer(found).data)


def _asked(rows: ArticleQuerySet, *, q: str, language: str, section: str, state: str) -> ArticleQuerySet:
    if q.strip():
        rows = rows.filter(pk__in=search.match(rows, q).order_by().values("pk"))
    if language:
        rows = rows.in_language(language)
    if section:
        rows = rows.filter(category__slug=section)
    if state == "behind":
        rows = rows.behind()
    elif state in _STATES:
        rows = rows.filter(draft__state=state)
    elif state:
        rows = rows.filter(status=state)
    return rows


def _text(one: Article | ArticleVersion) -> str:
    return f"{one.title}\n\n{one.summary}\n\n{one.body}"
