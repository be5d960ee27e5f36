"""The articles a caller may read: listed, ranked for a question, suggested for a text."""

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors, ratelimit
from helpdesk.lib.api.pagination import IdCursor
from helpdesk.lib.api.permissions import PUBLIC
from helpdesk.people.models import User
from knowledge import finding
from knowledge.api.serializers import (
    ArticleDetailSerializer,
    ArticlePage,
    ArticleSerializer,
    ArticlesQuery,
    HitSerializer,
    SuggestionPage,
    SuggestQuery,
)
from knowledge.finding import Hit


class Public(APIView):
    """Open to everybody; strangers at a measured pace."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if reader(request) is None:
            limit = settings.RATE_PUBLIC_PER_MINUTE
            ratelimit.check("articles", ratelimit.source(request), limit=limit, seconds=60)


class Articles(Public):
    """`GET articles/?q=&language=`: ranked with `q`, newest first without."""

    @extend_schema(parameters=[ArticlesQuery], responses=ArticlePage, operation_id="articles_list")
    def get(self, request: Request) -> Response:
        query = ArticlesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked, language = query.validated_data["q"].strip(), query.validated_data["language"]
        rows = finding.readable(reader(request), language)
        if asked:
            return _ranked(finding.search_for(asked, rows))
        pages = IdCursor()
        found = pages.paginate_queryset(rows.select_related("category"), request, view=self)
        return pages.get_paginated_response(ArticleSerializer(found, many=True).data)


class ArticleDetail(Public):
    """`GET articles/{id}/`."""

    @extend_schema(responses=ArticleDetailSerializer)
    def get(self, request: Request, article_id: int) -> Response:
        rows = finding.readable(reader(request)).select_related("category")
        article = rows.filter(pk=article_id).first()
        if article is None:
            raise errors.NotFound()
        return Response(ArticleDetailSerializer(article).data)


class Suggestions(Public):
    """`GET articles/suggest/?text=&language=`: at most three, each with the place that answers."""

    @extend_schema(parameters=[SuggestQuery], responses=SuggestionPage)
    def get(self, request: Request) -> Response:
        query = SuggestQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = finding.readable(reader(request), query.validated_data["language"])
        return _ranked(finding.suggest(query.validated_data["text"], rows))


def reader(request: Request) -> User | None:
    """The member of staff who asks, None for everybody else."""
    return request.user if isinstance(request.user, User) else None


def _ranked(hits: list[Hit]) -> Response:
    return Response({"results": [HitSerializer(hit).data for hit in hits], "next": None, "previous": None})
