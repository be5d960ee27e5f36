"""Staff and teams, for the administrator."""

from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import clock
from helpdesk.people import staff
from helpdesk.people.models import Organization, Skill, Team, TeamMember, User


class UserForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new password is set only when one is typed."""

    new_password = forms.CharField(label=_("New password"), required=False, widget=forms.PasswordInput)

    class Meta:
        model = User
        fields = (
            "email",
            "name",
            "role",
            "is_active",
            "locale",
            "timezone",
            "chat_capacity",
            "ticket_capacity",
            "signature",
        )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_new_password(self) -> str:
        password = str(self.cleaned_data["new_password"] or "")
        if password:
            validate_password(password, self.instance)
        return password


class MemberInline(admin.TabularInline):  # type: ignore[type-arg]
    model = TeamMember
    extra = 1


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Staff are deactivated, never deleted: what they wrote stays theirs."""

    form = UserForm
    list_display = ("name", "email", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("name", "email")
    inlines: ClassVar[list[Any]] = [MemberInline]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.created_at = clock.now()
            obj.set_unusable_password()
        if password := form.cleaned_data.get("new_password"):
            obj.set_password(password)
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            staff.left(obj, by=cast(User, request.user))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug")
    inlines: ClassVar[list[Any]] = [MemberInline]


admin.site.register([Organization, Skill])
