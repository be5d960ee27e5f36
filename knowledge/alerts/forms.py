"""What a reader fills in to be told of articles."""

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from helpdesk.lib import errors
from knowledge.alerts import following
from knowledge.models import Category


class AskForm(forms.Form):
    """An address and a topic. Refusals may also come from the service."""

    status = 400

    email = forms.EmailField(
        label=_("Your e-mail address"), max_length=320, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )
    topic = forms.ModelChoiceField(
        label=pgettext_lazy("of the help centre", "Topic"),
        queryset=Category.objects.none(),
        to_field_name="slug",
        empty_label=None,
    )
    # People do not see it, programs fill it in.
    website = forms.CharField(label=_("Leave this field empty"), required=False)

    def named_in(self, language: str) -> "AskForm":
        """The topics as one language names them."""
        topic = self.fields["topic"]
        topic.queryset = following.offered()  # type: ignore[attr-defined]
        topic.label_from_instance = lambda section: section.name(language)  # type: ignore[attr-defined]
        return self

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("This field must stay empty. Send the form again as it is now."))
        return ""

    def refuse(self, error: errors.DomainError) -> None:
        """Show a refusal beside the field it names, else above the form."""
        self.status = error.status
        if not error.fields:
            self.add_error(None, str(error.detail))
        for name, texts in error.fields.items():
            self.add_error(name, [str(text) for text in texts])
