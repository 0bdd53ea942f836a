"""Weekly mails in the administration: the list, and the form at the foot of every page of the report."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from adoption.managers import ForManagers, may_see
from adoption.reports.sections.registry import BY_KEY
from adoption.reports.words import moment_word
from adoption.subscriptions import selectors, services
from adoption.subscriptions.errors import NotSubscribed
from adoption.subscriptions.models import Subscription


@admin.register(Subscription)
class SubscriptionAdmin(ForManagers):
    """Who gets what; ended by deleting. They begin at the foot of the page that they are about."""

    list_display = ("reader", "page", "weekday", "next_mail", "last_mail", "error")
    list_select_related = ("reader",)
    list_filter = ("weekday",)
    show_full_result_count = False
    fields: ClassVar[tuple[str, ...]] = ("reader", "page", "query", "weekday", "next_mail", "last_mail", "error")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They begin where the page and its filters are seen."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Asking for the same page again changes its weekday."""
        return False

    @admin.display(description=_("page"), ordering="section")
    def page(self, row: Subscription) -> str:
        """Return the page in words."""
        return str(BY_KEY[row.section].title) if row.section in BY_KEY else row.section

    @admin.display(description=_("next mail"), ordering="due_at")
    def next_mail(self, row: Subscription) -> str:
        """Return when the next one goes."""
        return moment_word(row.due_at) if row.due_at else gettext("none any more")

    @admin.display(description=_("last mail"), ordering="sent_at")
    def last_mail(self, row: Subscription) -> str:
        """Return when the last one went."""
        return moment_word(row.sent_at) if row.sent_at else gettext("none yet")

    def get_urls(self) -> list[URLPattern]:
        """Add what the form at the foot of a page sends."""
        begin = path("begin/", self.admin_site.admin_view(self.begin), name="adoption_subscription_begin")
        return [begin, *super().get_urls()]

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Begin a weekly mail."""
        if not may_see(request):
            raise Http404
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        section, query = request.POST.get("section", ""), request.POST.get("query", "")[:300]
        if section not in BY_KEY:
            raise Http404
        self._begin(request, section, query)
        return redirect(f"{reverse('admin:adoption_section', kwargs={'section': section})}?{query}")

    def _begin(self, request: HttpRequest, section: str, query: str) -> None:
        reader = selectors.readers().filter(pk=_number(request.POST.get("reader", ""))).first()
        if reader is None:
            raise Http404
        weekday = _number(request.POST.get("weekday", ""))
        try:
            row = services.subscribe(reader=reader, section=section, query=query, weekday=weekday, now=timezone.now())
        except NotSubscribed as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        words = gettext("%(reader)s gets this page every week, the next time on %(at)s.")
        at = moment_word(row.due_at) if row.due_at else ""
        self.message_user(request, words % {"reader": reader, "at": at}, messages.SUCCESS)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
