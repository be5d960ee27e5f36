"""Articles as their authors see them, as JSON."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from helpdesk.people.models import Team
from knowledge.models import Article, ArticleDraft, ArticleVersion, Category, Feedback, SearchMiss


class SectionSerializer(serializers.ModelSerializer[Category]):
    """A section, named in both languages, and how many follow it by mail."""

    followers = serializers.IntegerField(source="follower_count", read_only=True)

    class Meta:
        model = Category
        fields = ["slug", "name_en", "name_fr", "followers"]


class TeamNameSerializer(serializers.ModelSerializer[Team]):
    """A team that may be named as the readers of an article."""

    class Meta:
        model = Team
        fields = ["slug", "name"]


class ChoicesSerializer(serializers.Serializer[Any]):
    """Where articles can stand and for whom they can be."""

    sections = SectionSerializer(many=True)
    teams = TeamNameSerializer(many=True)


class ArticleTranslationSerializer(serializers.ModelSerializer[Article]):
    """The same subject in another language."""

    class Meta:
        model = Article
        fields = ["id", "language", "title", "status", "revised_at"]


class WrittenArticleSerializer(serializers.ModelSerializer[Article]):
    """A row of the authors' list. `state` is that of its next text, empty where there is none."""

    section = serializers.CharField(source="category.slug", read_only=True)
    teams: serializers.SlugRelatedField[Team] = serializers.SlugRelatedField(
        many=True, read_only=True, slug_field="slug"
    )
    state = serializers.SerializerMethodField()
    publish_at = serializers.SerializerMethodField()
    behind = serializers.BooleanField(read_only=True, default=False)
    url = serializers.CharField(source="get_absolute_url", read_only=True)

    class Meta:
        model = Article
        fields = [
            "id", "group", "language", "title", "slug", "section", "status", "audience", "teams", "state",
            "publish_at", "expires_at", "behind", "updated_at", "url",
        ]  # fmt: skip

    def get_state(self, article: Article) -> str:
        draft = _draft(article)
        return draft.state if draft else ""

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_publish_at(self, article: Article) -> Any:
        draft = _draft(article)
        return draft.publish_at if draft else None


class ArticleDraftSerializer(serializers.ModelSerializer[ArticleDraft]):
    """The next text of an article."""

    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = ArticleDraft
        fields = ["title", "summary", "body", "state", "number", "author", "note", "publish_at", "updated_at"]


class WholeArticleSerializer(WrittenArticleSerializer):
    """One article with its published and its next text."""

    author = serializers.CharField(source="author.name", read_only=True)
    draft = serializers.SerializerMethodField()
    translations = serializers.SerializerMethodField()

    class Meta(WrittenArticleSerializer.Meta):
        fields = [*WrittenArticleSerializer.Meta.fields, "summary", "body", "published_at", "author", "draft", "translations"]  # fmt: skip  # noqa: E501

    @extend_schema_field(ArticleDraftSerializer(allow_null=True))
    def get_draft(self, article: Article) -> Any:
        draft = _draft(article)
        return ArticleDraftSerializer(draft).data if draft else None

    @extend_schema_field(ArticleTranslationSerializer(many=True))
    def get_translations(self, article: Article) -> Any:
        return ArticleTranslationSerializer(self.context["translations"], many=True).data


class ArticleVersionSerializer(serializers.ModelSerializer[ArticleVersion]):
    """A published text, without the text."""

    author = serializers.CharField(source="author.name", read_only=True)
    approved_by = serializers.SerializerMethodField()

    class Meta:
        model = ArticleVersion
        fields = ["id", "title", "author", "approved_by", "change", "created_at"]

    def get_approved_by(self, version: ArticleVersion) -> str:
        return version.approved_by.name if version.approved_by else ""


class TextPartSerializer(serializers.Serializer[Any]):
    """Words that stayed, went or came."""

    kind = serializers.ChoiceField(choices=["same", "gone", "new"])
    text = serializers.CharField()


class TextDifferenceSerializer(serializers.Serializer[Any]):
    """A line of both texts laid over each other; so many lines that stayed are left out before it."""

    parts = TextPartSerializer(many=True)
    skipped = serializers.IntegerField()


class ArticleVersionTextSerializer(ArticleVersionSerializer):
    """A published text, and what the text of today makes of it."""

    differences = TextDifferenceSerializer(many=True, read_only=True)

    class Meta(ArticleVersionSerializer.Meta):
        fields = [*ArticleVersionSerializer.Meta.fields, "summary", "body", "differences"]


class WrittenQuery(serializers.Serializer[Any]):
    """What the authors' list may be asked."""

    q = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, allow_blank=True, default="")
    section = serializers.SlugField(required=False, allow_blank=True, default="")
    state = serializers.ChoiceField(
        choices=[*Article.Status.values, "open", "review", "approved", "behind"],
        required=False,
        allow_blank=True,
        default="",
    )


class PlaceInput(serializers.Serializer[Any]):
    """Where an article stands and who may read it."""

    section = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all(), required=False)
    audience = serializers.ChoiceField(choices=Article.Audience.choices, required=False)
    teams = serializers.SlugRelatedField(slug_field="slug", queryset=Team.objects.all(), many=True, required=False)
    slug = serializers.CharField(max_length=100, required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class NewArticleInput(PlaceInput):
    """A new article, or with `translates` the same subject in another language."""

    section = serializers.SlugRelatedField(slug_field="slug", queryset=Category.objects.all())
    language = serializers.ChoiceField(choices=["en", "fr"])
    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=400, allow_blank=True, required=False, default="")
    body = serializers.CharField(max_length=200_000, trim_whitespace=False)
    translates = serializers.IntegerField(required=False, allow_null=True, default=None)


class NumberInput(serializers.Serializer[Any]):
    """Which saving of the draft is meant: 0 where there is none yet."""

    number = serializers.IntegerField(min_value=0)


class ArticleDraftInput(NumberInput):
    """The next text, and over which saving it was written."""

    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(max_length=400, allow_blank=True)
    body = serializers.CharField(max_length=200_000, trim_whitespace=False)


class ReturnInput(NumberInput):
    """What the reviewer wants changed."""

    note = serializers.CharField(max_length=1_000, allow_blank=True)


class ApproveInput(NumberInput):
    """What the text means for the other languages, and when it is to be published; at once without a time."""

    change = serializers.ChoiceField(choices=Article.Change.choices, required=False, default=Article.Change.NEWS)
    publish_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class PreviewInput(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=200_000, allow_blank=True, trim_whitespace=False)


class PreviewSerializer(serializers.Serializer[Any]):
    html = serializers.CharField()


class MissSerializer(serializers.ModelSerializer[SearchMiss]):
    """A search that found nothing."""

    class Meta:
        model = SearchMiss
        fields = ["id", "language", "query", "count", "last_at"]


class ArticleAnswerSerializer(serializers.ModelSerializer[Feedback]):
    """Why an article did not help."""

    class Meta:
        model = Feedback
        fields = ["reason", "text", "created_at"]


class UnhelpfulSerializer(serializers.Serializer[Any]):
    """An article that did not help."""

    article = WrittenArticleSerializer()
    times = serializers.IntegerField()
    words = ArticleAnswerSerializer(many=True)


class WorkSerializer(serializers.Serializer[Any]):
    """What authors should see to."""

    misses = MissSerializer(many=True)
    unhelpful = UnhelpfulSerializer(many=True)
    behind = WrittenArticleSerializer(many=True)
    review = WrittenArticleSerializer(many=True)
    ending = WrittenArticleSerializer(many=True)


class SettledSerializer(serializers.Serializer[Any]):
    settled = serializers.IntegerField()


def _draft(article: Article) -> ArticleDraft | None:
    return getattr(article, "draft", None)


def whole(article: Article, translations: Any) -> dict[str, Any]:
    """One article as its authors see it."""
    return dict(WholeArticleSerializer(article, context={"translations": translations}).data)
