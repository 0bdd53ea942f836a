"""Payments for our staff: where each stands and why, and what a person may do about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shop.errors import BadNumber
from shop.money import formats
from shop.money.parsing import parse_decimal
from shop.payments import providers, refunds, settling
from shop.payments.errors import PaymentRefused
from shop.payments.models import Allocation, Payment, PaymentMove, PaymentState, ProviderEvent, Refund

MAY_MOVE = "shop.change_payment"
S = PaymentState


def _ask(*, payment: Payment, now: Any, **_about: Any) -> Payment:
    ask = settling.look if payment.state in settling.UNFINISHED else settling.look_again
    return ask(payment=payment, now=now)


@dataclass(frozen=True, slots=True)
class Step:
    """Something a person may do with a payment.

    Attributes:
        name: In the URL.
        label, question, done: For the button, before it is done, and after.
        states: Payments in these states offer it.
        needs_reason: He must say why.
        act: The service.
        needs_amount: He says how much.
    """

    name: str
    label: Any
    question: Any
    done: Any
    states: frozenset[str]
    needs_reason: bool
    act: Callable[..., Payment]
    needs_amount: bool = False


STEPS = {
    step.name: step
    for step in (
        Step(
            "ask",
            _("Ask the provider"),
            _("The provider is asked how this payment stands, and its answer is carried over."),
            _("The provider was asked. What it said is below."),
            frozenset({S.STARTED, S.PENDING, S.FAILED, S.ABANDONED, S.SENT_TO_ERP, S.BOOKED, S.NEEDS_REVIEW}),
            needs_reason=False,
            act=_ask,
        ),
        Step(
            "refund",
            _("Refund"),
            _(
                "The money is given back at the provider, all of it or a part, and taken out of the ERP's books. "
                "Its invoices are open again by that much, the last one first. This can't be undone."
            ),
            _("The refund is under way. The payment shows when it is done."),
            frozenset(refunds.REFUNDABLE),
            needs_reason=True,
            act=refunds.refund,
            needs_amount=True,
        ),
        Step(
            "send",
            _("Send to the ERP"),
            _("You have looked: the money is right and the invoices are open. The ERP gets the payment now."),
            _("The payment will be in the ERP in a few seconds."),
            frozenset({S.NEEDS_REVIEW}),
            needs_reason=True,
            act=refunds.send_again,
        ),
        Step(
            "settle",
            _("Settled by hand"),
            _(
                "You have settled it yourself: booked it in the ERP, or given the money back at the provider. "
                "The payment is closed here and nothing more happens by itself."
            ),
            _("The payment is closed with your words."),
            frozenset({S.NEEDS_REVIEW}),
            needs_reason=True,
            act=refunds.settle_by_hand,
        ),
    )
}


class _Reading(admin.TabularInline):
    """Rows to look at."""

    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """Nobody writes them by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        """They stay as they are."""
        return False


class AllocationInline(_Reading):
    """What it pays."""

    model = Allocation
    fields = ("number", "is_credit", "due", "discount", "amount")


class RefundInline(_Reading):
    """What of it went back."""

    model = Refund
    fields = ("created_at", "amount", "reason", "by", "is_from_provider", "state", "settled_at")


class MoveInline(_Reading):
    """How it moved."""

    model = PaymentMove
    fields = ("at", "from_state", "to_state", "by", "message")


class EventInline(_Reading):
    """What the provider told."""

    model = ProviderEvent
    fields = ("received_at", "kind", "event_id")


@admin.register(Payment)
class PaymentAdmin(admin.ModelAdmin):
    """Reads only; what moves a payment goes through the services, each with a confirmation."""

    list_display = ("reference", "sold_to", "money", "way", "state", "created_at", "message")
    list_filter = ("state", "provider", "created_at")
    search_fields = ("reference", "erp_number", "provider_reference", "charge", "allocations__number", "sold_to__name")
    list_select_related = ("sold_to",)
    list_per_page = 50
    show_full_result_count = False
    inlines = (AllocationInline, RefundInline, MoveInline, EventInline)
    fields = (
        ("reference", "state", "message"),
        ("sold_to", "by"),
        ("amount", "currency", "provider"),
        ("provider_reference", "charge", "looks", "next_look_at"),
        ("created_at", "captured_at", "written_at", "booked_at"),
        ("erp_number", "erp_id"),
    )
    change_form_template = "admin/shop/payment/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Payments come from payers only."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Money is never forgotten."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No field is edited; whoever may move payments sees the buttons."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever may move payments may see them."""
        return super().has_view_permission(request, obj) or request.user.has_perm(MAY_MOVE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Payment]:
        """Read the company along."""
        return super().get_queryset(request).select_related("sold_to", "by")

    @admin.display(description=_("amount"), ordering="amount")
    def money(self, payment: Payment) -> str:
        """The amount as people write it."""
        return formats.money(payment.amount, payment.currency)

    @admin.display(description=_("provider"), ordering="provider")
    def way(self, payment: Payment) -> str:
        """The provider as pages call it."""
        return providers.label(payment.provider)

    def get_urls(self) -> list[URLPattern]:
        """Add the confirmation pages."""
        view = self.admin_site.admin_view(self.step_view)
        return [path("<int:pk>/do/<slug:name>/", view, name="shop_payment_step"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Add the steps that a person may take."""
        payment = self.get_object(request, object_id)
        may = request.user.has_perm(MAY_MOVE)
        steps = [step for step in STEPS.values() if may and payment is not None and payment.state in step.states]
        return super().change_view(request, object_id, form_url, {"steps": steps} | (extra_context or {}))

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask before a step is taken; take it on POST."""
        if not request.user.has_perm(MAY_MOVE):
            raise PermissionDenied
        payment, step = get_object_or_404(Payment.objects.select_related("sold_to", "by"), pk=pk), STEPS.get(name)
        if step is None:
            raise Http404
        if request.method == "POST":
            return self._take(request, payment, step)
        context = self.admin_site.each_context(request) | {
            "title": step.label,
            "payment": payment,
            "amount": self.money(payment),
            "left": refunds.left(payment),
            "step": step,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/shop/payment/confirm.html", context)

    def _take(self, request: HttpRequest, payment: Payment, step: Step) -> HttpResponse:
        reason = request.POST.get("reason", "").strip()[:200]
        try:
            typed = request.POST.get("amount", "").strip()
            more = {"amount": parse_decimal(typed)} if step.needs_amount and typed else {}
            step.act(payment=payment, by=request.user, reason=reason, now=timezone.now(), **more)
        except (PaymentRefused, BadNumber) as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, step.done)
        return redirect("admin:shop_payment_change", payment.pk)
