"""The outbox for staff: every write's state, attempts and next step; retry, look up, hand over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.timesince import timesince
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from erp_sync.mirror import columns as c
from erp_sync.outbox import kinds, selectors, services
from erp_sync.outbox.errors import OutboxRefused
from erp_sync.outbox.models import OutboxRow, OutboxState

MAY_MOVE = "erp_sync.change_outboxrow"


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person may do with a row.

    Attributes:
        name: In the URL.
        label, question, done: For the button, before it is done, and after.
        states: Rows in these states offer it.
        act: The service.
    """

    name: str
    label: Any
    question: Any
    done: Any
    states: frozenset[str]
    act: Callable[..., OutboxRow]


RESTING = frozenset(
    {
        OutboxState.REJECTED,
        OutboxState.NEEDS_REVIEW,
        OutboxState.NEEDS_CHECK,
        OutboxState.DEAD,
    }
)
WAITING = frozenset({OutboxState.READY, OutboxState.CHECK})
STEPS = {
    step.name: step
    for step in (
        Step(
            "retry",
            _("Send again"),
            _(
                "It is sent to the ERP again, an order at the prices the buyer accepted. If an earlier try "
                "may have arrived, it is looked up first where this ERP can be asked; where it "
                "cannot, look there yourself before you go on: it would be there twice. When the ERP "
                "had refused an order, its lines are back in the buyer's basket: tell him first."
            ),
            _("It will be sent again in a few seconds."),
            RESTING | {OutboxState.READY},
            services.retry,
        ),
        Step(
            "check",
            _("Look it up in the ERP"),
            _(
                "The ERP is asked for this reference. If it is there, its number is "
                "recorded; if not, the work goes on as before."
            ),
            _("It will be looked up in a few seconds."),
            RESTING | WAITING,
            services.check_again,
        ),
        Step(
            "hand-over",
            _("I take care of it"),
            _(
                "The automatic work on this ends and your name is noted. The buyer sees that "
                "we are checking it. Enter it in the ERP with its reference; then look it "
                "up here, and its number is recorded."
            ),
            _("Nothing more is sent automatically: it is in your hands."),
            (RESTING | WAITING) - {OutboxState.NEEDS_REVIEW},
            services.hand_over,
        ),
    )
}


# So much of a reference stands in the list.
SHORT = 10


@admin.register(OutboxRow)
class OutboxRowAdmin(admin.ModelAdmin):
    """Reads only; what moves a row goes through the services, each with a confirmation."""

    list_display = (
        "short",
        "kind_words",
        "state",
        "waiting_for",
        "attempts",
        "erp_number",
        "what_next",
    )
    list_filter = (c.choice("kind", _("Kind"), {kind.name: kind.label for kind in kinds.KINDS.values()}),)
    search_fields = ("reference", "erp_number", "erp_id")
    ordering = ("-created_at",)
    list_per_page = 50
    show_full_result_count = False
    fields = (
        ("reference", "kind_words"),
        ("state", "next_step"),
        ("created_at", "due_at", "settled_at"),
        ("erp_number", "erp_id"),
        "last_message",
    )
    change_list_template = "admin/erp_sync/outboxrow/change_list.html"
    change_form_template = "admin/erp_sync/outboxrow/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Rows come from the shop only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was written to the ERP is never forgotten."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No field is edited; whoever may move rows sees the buttons."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may move rows may see them."""
        return super().has_view_permission(request, obj) or request.user.has_perm(MAY_MOVE)

    @admin.display(description=_("reference"), ordering="reference")
    def short(self, row: OutboxRow) -> str:
        """The end of the reference, by which it is found too; its beginning is a time."""
        return f"…{row.reference[-SHORT:]}" if len(row.reference) > SHORT else row.reference

    @admin.display(description=_("next step"))
    def what_next(self, row: OutboxRow) -> str:
        """What happens next, and below it what was heard last."""
        step = selectors.next_step(row, now=timezone.now())
        return format_html('{}<br><span class="quiet">{}</span>', step, row.last_message) if row.last_message else step

    @admin.display(description=_("kind"), ordering="kind")
    def kind_words(self, row: OutboxRow) -> str:
        """What is written."""
        return kinds.label(row.kind)

    @admin.display(description=_("age"), ordering="created_at")
    def waiting_for(self, row: OutboxRow) -> str:
        """How long ago the write was asked for."""
        return timesince(row.created_at, depth=1)

    @admin.display(description=_("next step"))
    def next_step(self, row: OutboxRow) -> str:
        """What happens next, in words."""
        return selectors.next_step(row, now=timezone.now())

    def get_urls(self) -> list[URLPattern]:
        """Add the confirmation pages."""
        view = self.admin_site.admin_view(self.step_view)
        step = path("<int:pk>/do/<slug:name>/", view, name="erp_sync_outboxrow_step")
        return [step, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Add the counts by state and the age of the oldest row that waits."""
        found = selectors.summary(now=timezone.now())
        context = {
            "title": capfirst(self.opts.verbose_name_plural),
            "summary": found,
            "oldest": _age(found.oldest_waiting),
        }
        return super().changelist_view(request, context | (extra_context or {}))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Add what is written, the attempts and the steps that a person may take."""
        row = self.get_object(request, object_id)
        context: dict[str, Any] = {}
        if row is not None:
            context = {
                "title": row.reference,
                "subtitle": None,
                "kind_label": kinds.label(row.kind),
                "document": _document(row),
                "facts": selectors.facts(row),
                "history": selectors.attempts_of(row),
                "steps": self._steps(request, row),
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def _steps(self, request: HttpRequest, row: OutboxRow) -> list[Step]:
        if not request.user.has_perm(MAY_MOVE):
            return []
        return [step for step in STEPS.values() if row.state in step.states]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask before a step is taken; take it on POST."""
        if not request.user.has_perm(MAY_MOVE):
            raise PermissionDenied
        row, step = get_object_or_404(OutboxRow, pk=pk), STEPS.get(name)
        if step is None:
            raise Http404
        if request.method == "POST":
            return self._take(request, row, step)
        context = self.admin_site.each_context(request) | {
            "title": step.label,
            "row": row,
            "step": step,
            "next_step": selectors.next_step(row, now=timezone.now()),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/erp_sync/outboxrow/confirm.html", context)

    def _take(self, request: HttpRequest, row: OutboxRow, step: Step) -> HttpResponse:
        try:
            step.act(row=row, by=str(request.user), now=timezone.now())
        except OutboxRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, step.done)
        return redirect("admin:erp_sync_outboxrow_change", row.pk)


def _document(row: OutboxRow) -> Any:
    """Return what is to be written, None when the payload was changed by hand and cannot be read."""
    try:
        return kinds.of(row.kind).read(row.payload)
    except kinds.UNREADABLE:
        return None


def _age(age: dt.timedelta | None) -> str:
    """Return an age in whole minutes, or seconds below two minutes; a dash when nothing waits."""
    if age is None:
        return "—"
    seconds = max(0, int(age.total_seconds()))
    if seconds < 120:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
