"""Addresses of articles under the API: what readers ask, and below `knowledge/` what authors do."""

from django.urls import path

from knowledge.api import articles, work, writing

_ONE = "knowledge/articles/<int:article_id>/"
_VERSION = f"{_ONE}versions/<int:version_id>/"

urlpatterns = [
    path("articles/", articles.Articles.as_view(), name="articles"),
    path("articles/suggest/", articles.Suggestions.as_view(), name="articles-suggest"),
    path("articles/<int:article_id>/", articles.ArticleDetail.as_view(), name="article"),
    path("knowledge/articles/", writing.WrittenArticles.as_view(), name="written-articles"),
    path(_ONE, writing.WrittenArticle.as_view(), name="written-article"),
    path(f"{_ONE}draft/", writing.Draft.as_view(), name="article-draft"),
    path(f"{_ONE}submit/", writing.Submit.as_view(), name="article-submit"),
    path(f"{_ONE}return/", writing.GiveBack.as_view(), name="article-return"),
    path(f"{_ONE}approve/", writing.Approve.as_view(), name="article-approve"),
    path(f"{_ONE}archive/", writing.Archive.as_view(), name="article-archive"),
    path(f"{_ONE}confirm/", writing.Confirm.as_view(), name="article-confirm"),
    path(f"{_ONE}settle/", work.Settle.as_view(), name="article-settle"),
    path(f"{_ONE}versions/", writing.Versions.as_view(), name="article-versions"),
    path(_VERSION, writing.Version.as_view(), name="article-version"),
    path(f"{_VERSION}restore/", writing.Restore.as_view(), name="article-restore"),
    path("knowledge/preview/", writing.Preview.as_view(), name="article-preview"),
    path("knowledge/choices/", writing.Choices.as_view(), name="knowledge-choices"),
    path("knowledge/work/", work.Work.as_view(), name="knowledge-work"),
    path("knowledge/misses/<int:miss_id>/", work.Miss.as_view(), name="knowledge-miss"),
]
