"""Articles as JSON."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from helpdesk.lib import search, text
from knowledge import render
from knowledge.finding import Hit
from knowledge.models import Article


class AudienceQuery(serializers.Serializer[Any]):
    """`for=customer`: without what is for staff only, for a text that goes to a customer."""

    def get_fields(self) -> dict[str, Any]:
        chosen = serializers.ChoiceField(choices=["customer"], required=False, allow_blank=True, default="")
        return {**super().get_fields(), "for": chosen}


class ArticlesQuery(AudienceQuery):
    """What the list may be asked."""

    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=10_000)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_blank=True, default="")


class SuggestQuery(AudienceQuery):
    """What somebody is writing."""

    text = serializers.CharField(allow_blank=True, max_length=100_000)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_blank=True, default="")


class ArticleSerializer(serializers.ModelSerializer[Article]):
    """A row of a list."""

    excerpt = serializers.SerializerMethodField()
    url = serializers.CharField(source="get_absolute_url", read_only=True)
    category = serializers.SerializerMethodField()

    class Meta:
        model = Article
        fields = ["id", "title", "excerpt", "language", "url", "audience", "category"]

    def get_excerpt(self, article: Article) -> str:
        return article.summary or text.excerpt(render.plain(article.body), 180)

    def get_category(self, article: Article) -> str:
        return article.category.name(article.language)


class ArticleDetailSerializer(ArticleSerializer):
    """One article with its text, both as safe HTML and as plain lines (for a reply)."""

    body_html = serializers.SerializerMethodField()
    body_text = serializers.SerializerMethodField()

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "body_html", "body_text"]

    def get_body_html(self, article: Article) -> str:
        return render.page(article.body).html

    def get_body_text(self, article: Article) -> str:
        return render.page(article.body).text


class HitSerializer(serializers.Serializer[Hit]):
    """A found article; its excerpt is the place that answers."""

    def to_representation(self, hit: Hit) -> dict[str, Any]:
        passage = search.plain(hit.passage)
        return {**ArticleSerializer(hit.article).data, "excerpt": passage, "passage": passage}


class SuggestionSerializer(ArticleSerializer):
    """An article that may help, with the place in it that says so (for the schema)."""

    passage = serializers.CharField(read_only=True)

    class Meta(ArticleSerializer.Meta):
        fields = [*ArticleSerializer.Meta.fields, "passage"]


class ArticlePage(serializers.Serializer[Any]):
    """A page of articles. Ranked ones come at once: `next` is null."""

    results = ArticleSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


class SuggestionPage(serializers.Serializer[Any]):
    """At most three suggestions."""

    results = SuggestionSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
