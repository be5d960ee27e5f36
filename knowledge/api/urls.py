"""Addresses of articles under the API."""

from django.urls import path

from knowledge.api import articles

urlpatterns = [
    path("articles/", articles.Articles.as_view(), name="articles"),
    path("articles/suggest/", articles.Suggestions.as_view(), name="articles-suggest"),
    path("articles/<int:article_id>/", articles.ArticleDetail.as_view(), name="article"),
]
