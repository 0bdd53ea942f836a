"""The nudges in the administration: the buttons of the report's page, and the log."""

from __future__ import annotations

from typing import ClassVar, cast

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from adoption.coaching.errors import NotInvited
from adoption.coaching.models import Nudge
from adoption.coaching.services import choose_week, invite
from adoption.coaching.words import reason_words
from adoption.managers import ForManagers, OfCompany, may_see


@admin.register(Nudge)
class NudgeAdmin(OfCompany, ForManagers):
    """Who was chosen, who was left alone, who was invited. Nobody edits a draw."""

    list_display = ("week_on", "company", "why", "expected", "is_control", "invited_at")
    list_filter = ("reason", "is_control")
    date_hierarchy = "week_on"
    search_fields: ClassVar[tuple[str, ...]] = ("account_id",)
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The draw adds them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A draw stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """A draw stays."""
        return False

    @admin.display(description=gettext_lazy("reason"), ordering="reason")
    def why(self, nudge: Nudge) -> str:
        """Return the reason in words."""
        return reason_words(nudge.reason, nudge.facts)

    def get_urls(self) -> list[URLPattern]:
        """Add what the report's buttons send."""
        view = self.admin_site.admin_view
        own = [
            path("choose/", view(self.choose), name="adoption_nudge_choose"),
            path("invite/<int:nudge>/", view(self.invite), name="adoption_nudge_invite"),
        ]
        return [*own, *super().get_urls()]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """Choose this week's customers now."""
        if not may_see(request):
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        count = choose_week(now=timezone.now())
        words = _("%(n)s customers to call this week.") % {"n": count} if count else _("Nobody was added.")
        self.message_user(request, words, messages.SUCCESS if count else messages.INFO)
        return redirect(_page())

    def invite(self, request: HttpRequest, nudge: int) -> HttpResponse:
        """Invite a customer: to his usual order, or to his first log-in."""
        if not may_see(request):
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = get_object_or_404(Nudge, pk=nudge)
        try:
            page = invite(nudge=row, by=cast(User, request.user), now=timezone.now())
        except NotInvited as error:
            self.message_user(request, str(error), messages.ERROR)
            return redirect(_page())
        if page:
            return redirect(page)
        self.message_user(request, _("They have a notice that opens their usual order."), messages.SUCCESS)
        return redirect(_page())


def _page() -> str:
    return reverse("admin:adoption_section", kwargs={"section": "coaching"})
