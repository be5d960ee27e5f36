"""Writing articles in Django's admin, by the same services as everywhere else."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import errors
from helpdesk.people.models import User
from knowledge import publishing
from knowledge.alerts import following
from knowledge.models import Article, ArticleDraft, ArticleVersion, Category, Feedback, SearchMiss, Subscriber

_TEXTS = ("category", "title", "summary", "body", "audience", "teams", "slug", "position")
_ONCE = ("language", "group")


class ArticleForm(forms.ModelForm):  # type: ignore[type-arg]
    """The texts of an article; a translation takes the group of its original."""

    slug = forms.CharField(required=False, max_length=100, help_text=_("Empty: made from the title."))

    class Meta:
        model = Article
        fields = [*_TEXTS, *_ONCE]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if len(given.get("body", "")) > publishing.MAX_BODY:
            raise ValidationError({"body": _("This text is too long for one article.")})
        if given.get("audience") == Article.Audience.TEAMS and not given.get("teams"):
            raise ValidationError({"teams": _("Name the teams that may read it.")})
        return given


@admin.register(Article)
class ArticleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ArticleForm
    list_display = ("title", "language", "category", "audience", "status", "updated_at")
    list_filter = ("status", "language", "audience", "category")
    search_fields = ("title",)
    actions = ("publish", "archive")

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        given = {name: form.cleaned_data[name] for name in _TEXTS}
        try:
            if change:
                publishing.update(obj, by=_staff(request), **given)
            else:
                once = {name: form.cleaned_data[name] for name in _ONCE}
                obj.pk = publishing.create(given.pop("category"), by=_staff(request), **given, **once).pk
        except errors.DomainError as error:
            self.message_user(request, str(error.detail), level="error")

    def get_readonly_fields(self, request: HttpRequest, obj: Article | None = None) -> tuple[str, ...]:
        return _ONCE if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Article | None = None) -> bool:
        return False

    @admin.action(description=_("Publish"))
    def publish(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in queryset:
            publishing.publish(article, by=_staff(request))

    @admin.action(description=_("Archive"))
    def archive(self, request: HttpRequest, queryset: QuerySet[Article]) -> None:
        for article in queryset:
            publishing.archive(article, by=_staff(request))


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name_en", "name_fr", "slug", "position")


class _ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ArticleVersion)
class VersionAdmin(_ReadOnly):
    list_display = ("title", "author", "created_at")


@admin.register(ArticleDraft)
class DraftAdmin(_ReadOnly):
    list_display = ("title", "state", "author", "publish_at", "updated_at")
    list_filter = ("state",)


@admin.register(Feedback)
class FeedbackAdmin(_ReadOnly):
    list_display = ("article", "helpful", "reason", "text", "created_at")
    list_filter = ("helpful", "reason")
    list_select_related = ("article",)


@admin.register(SearchMiss)
class SearchMissAdmin(_ReadOnly):
    list_display = ("query", "language", "count", "last_at")
    list_filter = ("language",)
    ordering = ("-count",)


@admin.register(Subscriber)
class SubscriberAdmin(_ReadOnly):
    """For whoever asks a person instead of pressing the link: found by his address, and ended."""

    list_display = ("email", "language", "created_at", "sent_at")
    search_fields = ("email",)

    def has_delete_permission(self, request: HttpRequest, obj: Subscriber | None = None) -> bool:
        return True

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        following.end(obj, how="staff", by=_staff(request).actor)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        for subscriber in queryset:
            self.delete_model(request, subscriber)


def _staff(request: HttpRequest) -> User:
    """The admin lets nobody else in."""
    if not isinstance(request.user, User):
        raise errors.NotAllowed()
    return request.user
