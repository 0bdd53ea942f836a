"""The adoption report in the admin: for managers and administrators, read only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from adoption.managers import may_see
from adoption.reports import blocks as b
from adoption.reports import exports, pages, periods, question
from adoption.reports.errors import SumsAreMissing
from adoption.reports.figures import BY_KEY
from adoption.reports.models import AdoptionReport
from adoption.reports.sections import registry
from adoption.reports.sections.registry import SECTIONS
from adoption.subscriptions.models import Weekday
from adoption.subscriptions.selectors import readers

Shown = Callable[..., HttpResponseBase]
# After so long a page looks again whether the sums were made.
PAUSE_S = 15


@admin.register(AdoptionReport)
class AdoptionReportAdmin(admin.ModelAdmin):
    """A page instead of a list: the menu entry leads to the report."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the entry to managers."""
        return may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let managers look."""
        return may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Put the report in the list's place: the first page, the others, each figure, and their files."""

        def view(shown: Shown) -> Shown:
            return self.admin_site.admin_view(self._or_wait(shown))

        return [
            path("", view(self.first_page), name="adoption_adoptionreport_changelist"),
            path("figure/<slug:key>/", view(self.figure), name="adoption_figure"),
            path("<slug:section>/", view(self.section), name="adoption_section"),
            path("<slug:section>/<slug:table>.csv", view(self.table), name="adoption_table"),
            path("<slug:section>.xlsx", view(self.workbook), name="adoption_workbook"),
        ]

    def _or_wait(self, shown: Shown) -> Shown:
        """Return a view that says so while the sums are being made, and comes back by itself."""

        @wraps(shown)
        def answer(request: HttpRequest, *args: Any, **where: Any) -> HttpResponseBase:
            try:
                return shown(request, *args, **where)
            except SumsAreMissing:
                context = {**self.admin_site.each_context(request), "title": _("The figures are being made anew")}
                waits = {"Refresh": str(PAUSE_S), "Retry-After": str(PAUSE_S)}
                return TemplateResponse(request, "admin/adoption/being_made.html", context, status=503, headers=waits)

        return answer

    def first_page(self, request: HttpRequest) -> HttpResponse:
        """Show the page that opens first."""
        return self.section(request, SECTIONS[0].key)

    def section(self, request: HttpRequest, section: str) -> HttpResponse:
        """Show a page of the report."""
        found = self._page_of(request, section)
        context = {
            "page": found, "frame": found.frame, "section": found.section, "blocks": found.blocks,
            "readers": list(readers()), "weekdays": Weekday.choices,
        }  # fmt: skip
        return self._answer(request, "admin/adoption/page.html", str(found.section.title), context)

    def figure(self, request: HttpRequest, key: str) -> HttpResponseBase:
        """Show one figure with everything behind it."""
        self._refuse_unless_manager(request)
        if key not in BY_KEY:
            raise Http404
        found = pages.detail(figure=BY_KEY[key], data=request.GET, now=timezone.now())
        if request.GET.get("format") == "csv":
            return self._csv(found.blocks, request.GET.get("table", "rows"), found.frame)
        context = {"line": found.line, "frame": found.frame, "blocks": found.blocks}
        return self._answer(request, "admin/adoption/figure.html", str(BY_KEY[key].title), context)

    def table(self, request: HttpRequest, section: str, table: str) -> HttpResponseBase:
        """Send a table of a page as CSV."""
        found = self._page_of(request, section)
        return self._csv(found.blocks, table, found.frame)

    def _csv(self, blocks: Sequence[b.Block], table: str, frame: pages.Frame) -> HttpResponseBase:
        wanted = next((one for one in b.tables_of(blocks) if one.key == table), None)
        if wanted is None:
            raise Http404
        return exports.csv_of(wanted, frame)

    def workbook(self, request: HttpRequest, section: str) -> HttpResponseBase:
        """Send all tables of a page as XLSX."""
        found = self._page_of(request, section)
        return exports.workbook_of(section, b.tables_of(found.blocks), found.frame)

    def _page_of(self, request: HttpRequest, section: str) -> pages.Page:
        self._refuse_unless_manager(request)
        if section not in registry.BY_KEY:
            raise Http404
        return pages.page(section=registry.BY_KEY[section], data=request.GET, now=timezone.now())

    def _refuse_unless_manager(self, request: HttpRequest) -> None:
        """For everybody else the page does not exist."""
        if not may_see(request):
            raise Http404

    def _answer(self, request: HttpRequest, template: str, title: str, found: dict[str, Any]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            # A page to print has no menus, as a window of the administration that was opened beside it.
            "is_popup": found["frame"].is_print,
            "title": title,
            "choices": periods.CHOICES,
            "comparisons": question.COMPARISONS,
            "sections": SECTIONS,
            **found,
        }
        return TemplateResponse(request, template, context)
