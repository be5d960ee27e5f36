"""Sites on the wire. The identity secret goes out once, when it is made."""

from typing import Any

from rest_framework import serializers

from chat import sites
from chat.models import Site
from tickets.api.serializers import QueueRef

_TEXTS = (
    "greeting_en", "greeting_fr", "label_en", "label_fr", "teaser_en", "teaser_fr", "privacy_url", "accessibility_url",
)  # fmt: skip


class SiteInput(serializers.ModelSerializer[Site]):
    """`POST sites/`, `PATCH sites/{id}/`."""

    queue = serializers.SlugField()
    origins = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=sites.MOST_ORIGINS, required=False
    )
    color = serializers.RegexField(r"^#[0-9A-Fa-f]{6}$", required=False)
    language = serializers.ChoiceField(choices=["", "en", "fr"], required=False)
    default_region = serializers.RegexField(r"^[A-Z]{2}$", required=False)
    offset_x = serializers.IntegerField(min_value=0, max_value=400, required=False)
    offset_y = serializers.IntegerField(min_value=0, max_value=400, required=False)
    z_index = serializers.IntegerField(min_value=0, max_value=2_147_483_000, required=False)
    wait_limit_s = serializers.IntegerField(min_value=0, max_value=86_400, required=False)
    teaser_after_s = serializers.IntegerField(min_value=5, max_value=600, required=False)
    callbacks_per_slot = serializers.IntegerField(min_value=0, max_value=1000, allow_null=True, required=False)

    class Meta:
        model = Site
        fields = ["name", "queue", "origins", "color", "is_active", "is_hidden", "position", "offset_x", "offset_y",
                  "z_index", "theme", "language", *_TEXTS, "teaser_after_s", "wait_limit_s", "callback_enabled",
                  "callbacks_per_slot", "default_region"]  # fmt: skip


class SiteOut(SiteInput):
    """A site as administrators see it, with the line to copy."""

    queue = QueueRef()  # type: ignore[assignment]
    snippet = serializers.SerializerMethodField()
    has_secret = serializers.SerializerMethodField()

    class Meta(SiteInput.Meta):
        fields = ["id", "key", "snippet", "has_secret", *SiteInput.Meta.fields]

    def get_snippet(self, site: Site) -> str:
        return sites.snippet(site)

    def get_has_secret(self, site: Site) -> bool:
        return bool(site.identity_secret)


class SecretOut(serializers.Serializer[Any]):
    secret = serializers.CharField()


class CheckInput(serializers.Serializer[Any]):
    url = serializers.CharField(max_length=2000)


class CheckStep(serializers.Serializer[Any]):
    code = serializers.CharField()
    ok = serializers.BooleanField()
    text = serializers.CharField()


class CheckOut(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    steps = CheckStep(many=True)
