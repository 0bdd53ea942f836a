"""What is announced: a text for each language, from when until when."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

LONGEST = dt.timedelta(days=31)
MOST_TEXT = 300


class Moment(forms.DateTimeInput):
    """The browser's own choice of a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AnnouncementForm(forms.Form):
    """Times are the company's clock; at least one language has a text."""

    starts_at = forms.DateTimeField(label=_("From"), widget=Moment)
    ends_at = forms.DateTimeField(label=_("Until"), widget=Moment)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = [code for code, _name in settings.LANGUAGES]
        for code in self.codes:
            label = _("Text in %(language)s") % {"language": get_language_info(code)["name_translated"]}
            area = forms.Textarea(attrs={"rows": 2, "lang": code})
            self.fields[f"text_{code}"] = forms.CharField(
                label=label, required=False, max_length=MOST_TEXT, widget=area
            )

    def clean(self) -> dict[str, Any]:
        """Refuse an announcement that says nothing, ends before it starts, is over, or is forgotten for months."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(self.texts.values()):
            raise forms.ValidationError(_("Write the text in at least one language."))
        starts_at, ends_at = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts_at and ends_at:
            if ends_at <= starts_at:
                self.add_error("ends_at", _("It must end after it starts."))
            elif ends_at <= timezone.now():
                self.add_error("ends_at", _("That is over already."))
            elif ends_at - starts_at > LONGEST:
                self.add_error("ends_at", _("An announcement may run for 31 days at most."))
        return cleaned

    @property
    def texts(self) -> dict[str, str]:
        """Return the texts by language."""
        return {code: str(self.cleaned_data.get(f"text_{code}", "")).strip() for code in self.codes}
