"""Articles: each language is a row of its own; `group` joins the translations of one subject."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import User


class Category(models.Model):
    """A section of the help centre, named in both languages."""

    slug = models.SlugField(unique=True)
    name_en = models.CharField(max_length=80)
    name_fr = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name_en

    def name(self, language: str) -> str:
        return self.name_fr if language == "fr" else self.name_en


class ArticleQuerySet(models.QuerySet["Article"]):
    """Reads of articles; `readable_by` is the one policy of every door."""

    def readable_by(self, user: User | None) -> Self:
        """Published articles: public ones for everybody, those for agents to staff who may read knowledge."""
        published = self.filter(status=Article.Status.PUBLISHED)
        if user is not None and user.may("knowledge.read"):
            return published
        return published.filter(audience=Article.Audience.PUBLIC)

    def in_language(self, language: str) -> Self:
        return self.filter(language=language)

    def shelved(self) -> Self:
        """In the order of the shelf, with what a list shows in one query."""
        return self.select_related("category").order_by("category__position", "category_id", "position", "title", "id")

    def translations_of(self, article: "Article") -> Self:
        """The same subject in the other languages. Uses index: on group."""
        return self.filter(group=article.group).exclude(pk=article.pk)


class Article(models.Model):
    """`body` is Markdown; `terms` is the analysed title, summary and body for search."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        ARCHIVED = "archived", _("Archived")

    class Audience(models.TextChoices):
        PUBLIC = "public", _("Everybody")
        AGENTS = "agents", _("Agents only")

    group = models.UUIDField(default=uuid.uuid4, db_index=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="articles")
    language = models.CharField(max_length=5)
    slug = models.SlugField(max_length=120)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField()
    title_terms = models.TextField(blank=True, default="")
    terms = models.TextField(blank=True, default="")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="articles")
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["language", "slug"], name="article_slug_once"),
            models.UniqueConstraint(fields=["group", "language"], name="article_one_translation"),
            models.CheckConstraint(
                condition=~Q(status="published") | Q(published_at__isnull=False), name="article_published_has_time"
            ),
        ]
        indexes = [
            # search.vocabulary: whether any article of an audience has changed, without reading the articles
            models.Index(fields=["status", "audience", "language", "updated_at"], name="article_changed"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Its page in its own language."""
        return self.url_in(self.language)

    @property
    def is_published(self) -> bool:
        return self.status == self.Status.PUBLISHED

    @property
    def is_public(self) -> bool:
        return self.is_published and self.audience == self.Audience.PUBLIC

    def url_in(self, language: str) -> str:
        """Its page among the pages of a language; where it is not that of the article, the page says so."""
        with translation.override(language):
            return reverse("knowledge:article", args=[self.slug, self.pk])


class ArticleVersion(models.Model):
    """What an article said before: one row per publishing."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.article} {self.created_at:%Y-%m-%d}"


class Feedback(models.Model):
    """Whether an article helped, with a word why not. Nobody's name is kept."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", _("I did not understand it")
        INCOMPLETE = "incomplete", _("It does not cover my case")
        OUTDATED = "outdated", _("It is not right, or no longer")
        FAILED = "failed", _("I did what it says and it did not work")

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="feedback")
    helpful = models.BooleanField()
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True, default="")
    text = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.article_id}: {self.helpful}"


class SearchMiss(models.Model):
    """A search that found nothing: what authors should write next."""

    language = models.CharField(max_length=5)
    query = models.CharField(max_length=200)
    count = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "search misses"
        constraints = [models.UniqueConstraint(fields=["language", "query"], name="search_miss_once")]

    def __str__(self) -> str:
        return self.query
