"""The articles a caller may read: listed, ranked for a question, suggested for a text."""

from typing import Any, ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from helpdesk.lib import errors, ratelimit
from helpdesk.lib.api.pagination import IdCursor
from helpdesk.lib.api.permissions import PUBLIC
from helpdesk.people.models import User
from knowledge import finding, readers
from knowledge.api.serializers import (
    ArticleDetailSerializer,
    ArticlePage,
    ArticleSerializer,
    ArticlesQuery,
    AudienceQuery,
    HitSerializer,
    SuggestionPage,
    SuggestQuery,
)
from knowledge.finding import Hit
from knowledge.models import ArticleQuerySet


class Public(APIView):
    """Open to everybody; strangers at a measured pace."""

    needs: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not isinstance(request.user, User):
            limit = settings.RATE_PUBLIC_PER_MINUTE
            ratelimit.check("articles", ratelimit.source(request), limit=limit, seconds=60)


class Articles(Public):
    """`GET articles/?q=&language=`: ranked with `q`, newest first without."""

    @extend_schema(parameters=[ArticlesQuery], responses=ArticlePage, operation_id="articles_list")
    def get(self, request: Request) -> Response:
        query = ArticlesQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked, language = query.validated_data["q"].strip(), query.validated_data["language"]
        rows = _rows(request, query, language)
        if asked:
            return _ranked(finding.search_for(asked, rows))
        pages = IdCursor()
        found = pages.paginate_queryset(rows.select_related("category"), request, view=self)
        return pages.get_paginated_response(ArticleSerializer(found, many=True).data)


class ArticleDetail(Public):
    """`GET articles/{id}/`."""

    @extend_schema(parameters=[AudienceQuery], responses=ArticleDetailSerializer)
    def get(self, request: Request, article_id: int) -> Response:
        query = AudienceQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = _rows(request, query).select_related("category")
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
        rows = _rows(request, query, query.validated_data["language"])
        return _ranked(finding.suggest(query.validated_data["text"], rows))


def _rows(request: Request, query: serializers.Serializer[Any], language: str = "") -> ArticleQuerySet:
    """What the caller may read; for a reply to a customer, only what that customer may read too."""
    rows = finding.readable(readers.of(request), language)
    return rows.open_to_customers() if query.validated_data["for"] else rows


def _ranked(hits: list[Hit]) -> Response:
    return Response({"results": [HitSerializer(hit).data for hit in hits], "next": None, "previous": None})
