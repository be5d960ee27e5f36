"""Articles: each language is a row of its own; `group` joins the translations of one subject."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from helpdesk.people.models import Customer, Team, User

Reader = User | Customer | None
"""Who reads: a member of staff, a customer who has signed in, or anybody."""


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

    def readable_by(self, reader: Reader) -> Self:
        """The published articles that a reader is meant to read."""
        published = self.filter(status=Article.Status.PUBLISHED)
        if isinstance(reader, User) and reader.may("knowledge.read"):
            return published.meant_for(reader)
        if isinstance(reader, Customer):
            return published.open_to_customers()
        return published.filter(audience=Article.Audience.PUBLIC)

    def meant_for(self, user: User) -> Self:
        """Those of every state that a member of staff may see: what is for named teams only with one of his."""
        if user.may("admin"):
            return self
        # Read at once: the same teams make the same query, and the words of a shelf are kept by query.
        teams = sorted(user.teams.values_list("pk", flat=True))
        open_to_all = ~Q(audience=Article.Audience.TEAMS)
        if not teams:
            return self.filter(open_to_all)
        named = Article.teams.through.objects.filter(team_id__in=teams)
        return self.filter(open_to_all | Q(pk__in=named.values("article_id")))

    def open_to_customers(self) -> Self:
        """Without what is for staff: what may be shown or sent to the customer of a ticket."""
        return self.filter(audience__in=[Article.Audience.PUBLIC, Article.Audience.SIGNED_IN])

    def in_language(self, language: str) -> Self:
        return self.filter(language=language)

    def shelved(self) -> Self:
        """In the order of the shelf, with what a list shows in one query."""
        return self.select_related("category").order_by("category__position", "category_id", "position", "title", "id")

    def behind(self) -> Self:
        """Published ones whose translation has said something new since. Uses index: on group."""
        return self.with_behind().filter(status=Article.Status.PUBLISHED, behind=True)

    def with_behind(self) -> Self:
        """Each with whether it is left behind, as `Article.is_behind` says of two."""
        newer = Article.objects.filter(
            group=OuterRef("group"),
            status=Article.Status.PUBLISHED,
            revised_at__gt=Coalesce(OuterRef("aligned_at"), OuterRef("published_at")),
        ).exclude(pk=OuterRef("pk"))
        return self.annotate(behind=Exists(newer))

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
        SIGNED_IN = "signed_in", _("Customers who have signed in")
        AGENTS = "agents", _("Agents only")
        TEAMS = "teams", _("Named teams only")

    class Change(models.TextChoices):
        """What a new text means for the other languages."""

        NEWS = "news", _("Says something new: the other languages must follow")
        FOLLOWS = "follows", _("Brings it up to date with the other language")
        MINOR = "minor", _("Changes wording only")

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
    teams = models.ManyToManyField(Team, blank=True, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="articles")
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    # When it last said something new, and until when it follows the other languages
    revised_at = models.DateTimeField(null=True, blank=True)
    aligned_at = models.DateTimeField(null=True, blank=True)

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

    def is_behind(self, other: "Article") -> bool:
        """Whether its translation has said something new since."""
        known = self.aligned_at or self.published_at
        return bool(known and other.is_published and other.revised_at and other.revised_at > known)

    def url_in(self, language: str) -> str:
        """Its page among the pages of a language; where it is not that of the article, the page says so."""
        with translation.override(language):
            return reverse("knowledge:article", args=[self.slug, self.pk])


class ArticleDraft(models.Model):
    """The next text of an article, while the published one stays: written, handed in for review, approved for a time.

    `number` counts its savings, so that nobody overwrites or approves what he has not read.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Draft")
        REVIEW = "review", _("Waiting for review")
        APPROVED = "approved", _("Approved")

    article = models.OneToOneField(Article, on_delete=models.CASCADE, related_name="draft")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    number = models.PositiveIntegerField(default=1)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(blank=True, default="")
    change = models.CharField(max_length=10, choices=Article.Change.choices, default=Article.Change.NEWS)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    publish_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(publish_at__isnull=False, approved_by__isnull=False),
                name="article_draft_approved_for_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ArticleVersion(models.Model):
    """What an article said before: one row per published text."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=400, blank=True, default="")
    body = models.TextField()
    author = models.ForeignKey(User, on_delete=models.PROTECT)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    change = models.CharField(
        max_length=10, choices=Article.Change.choices, default=Article.Change.NEWS, db_default=Article.Change.NEWS
    )
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
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # work.unhelpful: answers that no author has settled
            models.Index(fields=["article"], condition=Q(helpful=False, settled_at__isnull=True), name="feedback_open"),
        ]

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
