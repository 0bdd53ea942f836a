"""The settings in the administration: a form to set them anew, and their history."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from adoption.books.tasks import refresh_sums
from adoption.definitions.forms import SettingsForm
from adoption.definitions.models import MetricSettings
from adoption.definitions.selectors import settings_of
from adoption.definitions.services import keep
from adoption.definitions.words import GROUPS, setting_word, value_word
from adoption.managers import ForManagers


@admin.register(MetricSettings)
class MetricSettingsAdmin(ForManagers):
    """Whoever sets them adds a row; no row is ever changed."""

    form = SettingsForm
    list_display = ("set_at", "set_by", "what", "note")
    list_select_related = ("set_by",)
    show_full_result_count = False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """History stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """History stays."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask by topic; show what was chosen as one list."""
        if obj is not None:
            return [(None, {"fields": ("set_at", "set_by", "what", "note")})]
        groups = [(title, {"fields": names}) for title, names in GROUPS]
        return [*groups, (_("Why"), {"fields": ("note",)})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Nothing of the past can be typed."""
        return () if obj is None else ("set_at", "set_by", "what", "note")

    @admin.display(description=_("differs from the defaults"))
    def what(self, row: MetricSettings) -> SafeString | str:
        """Return what was chosen, in words."""
        found = settings_of(row.differences).differences()
        parts = [(setting_word(name), value_word(now), value_word(was)) for name, (now, was) in found.items()]
        return format_html_join("; ", "{} = {} ({})", parts) if parts else gettext("nothing: all are the defaults")

    def save_model(self, request: HttpRequest, obj: MetricSettings, form: Any, change: bool) -> None:  # noqa: FBT001 (Django's own)
        """Put them in force."""
        row = keep(chosen=form.chosen(), by=cast(User, request.user), note=obj.note, now=timezone.now())
        obj.pk, obj.set_at, obj.differences = row.pk, row.set_at, row.differences
        obj._state.adding = False
        # All sums are of other settings now; without a broker the next run makes them anew.
        transaction.on_commit(refresh_sums.delay, robust=True)
