"""What an administrator sets up for tickets: queues, mailboxes, canned words. Tickets themselves live on the desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from helpdesk.lib import sealed
from tickets.models import Macro, Mailbox, Queue, Tag


@admin.register(Queue)
class QueueAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "name_fr", "slug", "team", "strategy", "is_default", "is_active", "position")
    list_filter = ("team", "is_active")
    exclude = ("last_assignee",)


class MailboxForm(forms.ModelForm):  # type: ignore[type-arg]
    """The password is typed once and kept sealed; it is never shown again."""

    imap_password = forms.CharField(
        label=_("IMAP password"),
        required=False,
        widget=forms.PasswordInput,
        help_text=_("Leave empty to keep the one stored."),
    )

    class Meta:
        model = Mailbox
        exclude = ("imap_secret",)

    def clean_address(self) -> str:
        return str(self.cleaned_data["address"]).lower()


@admin.register(Mailbox)
class MailboxAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = MailboxForm
    list_display = ("address", "queue", "imap_host", "is_active")

    def save_model(self, request: HttpRequest, obj: Mailbox, form: Any, change: bool) -> None:
        if password := form.cleaned_data.get("imap_password"):
            obj.imap_secret = sealed.seal(password)
        super().save_model(request, obj, form, change)


@admin.register(Macro)
class MacroAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "language", "team")
    list_filter = ("language", "team")
    search_fields = ("name", "body")


admin.site.register(Tag)
