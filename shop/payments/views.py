"""Pages of payments: choose and check, go to the provider, come back, see where it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import Actor, ActorRequest
from accounts.errors import NotPermitted
from accounts.permissions import Action, denied_while_assisted, may, require_actor
from erp_sync import gateway
from shop.invoices.selectors import company_today
from shop.money.formats import plain_amount
from shop.payments import forms, providers, selectors, services, settling, sweep
from shop.payments.allocate import Due, Part, Plan
from shop.payments.errors import AmountChanged, PaymentRefused
from shop.payments.forms import Typed
from shop.payments.models import OPEN, Payment
from shop.payments.providers.bank_transfer import BankTransfer


@dataclass(frozen=True, slots=True)
class Row:
    """An invoice on the page: what would be paid of it, what was typed, and what is wrong with that."""

    document: Due
    part: Part | None
    text: str
    fault: str


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A credit note on the page."""

    document: Due
    is_used: bool


@require_GET
@require_actor
@denied_while_assisted
def payment_list(request: ActorRequest) -> HttpResponse:
    """Show the company's payments."""
    typed = request.GET.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    page = selectors.payments_for(actor=request.actor, page=number)
    return render(request, "shop/payments/list.html", {"page": page})


@require_http_methods(["GET", "POST"])
@require_actor
@denied_while_assisted
def payment_new(request: ActorRequest) -> HttpResponseBase:
    """Show what would be paid, part by part; start the payment."""
    reason = selectors.why_not_pay(actor=request.actor)
    if reason:
        messages.error(request, reason)
        return redirect("invoice-list")
    now = timezone.now()
    typed = forms.read(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and request.POST.get("do") == "pay":
        return _pay(request, typed, now)
    return _review(request, typed, now)


def _pay(request: ActorRequest, typed: Typed, now: dt.datetime) -> HttpResponseBase:
    if typed.faults or typed.shown is None:
        return _review(request, typed, now, status=422)
    try:
        payment = services.start(actor=request.actor, key=typed.key, wish=typed.wish, shown=typed.shown, now=now)
    except AmountChanged as error:
        return _review(request, typed, now, status=409, changed=str(error))
    except PaymentRefused as error:
        return _review(request, typed, now, status=422, obstacles=error.obstacles)
    return _onwards(payment)


def _onwards(payment: Payment) -> HttpResponseBase:
    if payment.state in OPEN and payment.go_url and not payment.go_fields:
        return HttpResponseRedirect(payment.go_url)
    if payment.state in OPEN and payment.go_url:
        return redirect("payment-go", reference=payment.reference)
    return redirect("payment-detail", reference=payment.reference)


def _review(
    request: ActorRequest,
    typed: Typed,
    now: dt.datetime,
    *,
    status: int = 200,
    changed: str = "",
    obstacles: tuple[str, ...] = (),
) -> HttpResponse:
    documents = selectors.open_documents(sold_to=request.actor.sold_to)
    today = company_today(now)
    typed = _with_all(typed, documents, today)
    ways = selectors.ways(currency=_currency(typed, documents))
    typed = _with_way(typed, ways)
    plan, found = _planned(typed, documents, today)
    context = {
        "rows": _rows(typed, documents, plan),
        "notes": _notes(typed, documents, plan),
        "plan": plan,
        "obstacles": obstacles or found,
        "changed": changed,
        "ways": ways,
        "typed": typed,
        "shown": str(plan.amount) if plan else "",
        "is_transfer": typed.wish.provider == "bank_transfer",
        "can_use_notes": gateway.settles_credit_notes(),
    }
    return render(request, "shop/payments/new.html", context, status=status)


def _with_all(typed: Typed, documents: list[Due], today: dt.date) -> Typed:
    """Fill in the invoices of "all that are open" or "overdue", of the currency of the first."""
    if not typed.wants:
        return typed
    rows = [one for one in documents if not one.is_credit and not one.is_reserved]
    if typed.wants == "overdue":
        rows = [one for one in rows if one.due_on is not None and one.due_on < today]
    numbers = tuple(one.number for one in rows if one.currency == rows[0].currency)[:100]
    return replace(typed, wish=replace(typed.wish, numbers=numbers))


def _currency(typed: Typed, documents: list[Due]) -> str:
    chosen = selectors.chosen(documents, typed.wish.numbers)
    return chosen[0].currency if chosen else "EUR"


def _with_way(typed: Typed, ways: list[selectors.Way]) -> Typed:
    """Choose the first way that can be used, where none was chosen."""
    usable = [way.name for way in ways if not way.reason]
    if typed.wish.provider in usable or not usable:
        return typed
    return replace(typed, wish=replace(typed.wish, provider=usable[0]))


def _planned(typed: Typed, documents: list[Due], today: dt.date) -> tuple[Plan | None, tuple[str, ...]]:
    if typed.faults:
        return None, tuple(typed.faults.values())
    try:
        return services.planned(documents=documents, wish=typed.wish, today=today), ()
    except PaymentRefused as error:
        return None, error.obstacles


def _rows(typed: Typed, documents: list[Due], plan: Plan | None) -> list[Row]:
    parts = {part.document.number: part for part in plan.invoices} if plan else {}
    rows = []
    for one in selectors.chosen(documents, typed.wish.numbers):
        text = typed.texts.get(one.number) or plain_amount(one.free, one.currency)
        rows.append(Row(one, parts.get(one.number), text, typed.faults.get(one.number, "")))
    return rows


def _notes(typed: Typed, documents: list[Due], plan: Plan | None) -> list[NoteRow]:
    used = {part.document.number for part in plan.credits} if plan else set(typed.wish.credits or ())
    currency = _currency(typed, documents)
    notes = [one for one in documents if one.is_credit and one.currency == currency and one.free == one.due]
    return [NoteRow(one, one.number in used) for one in notes[:50]]


@require_GET
@require_actor
@denied_while_assisted
def payment_go(request: ActorRequest, reference: str) -> HttpResponseBase:
    """Lead to the provider; where it wants a form, its button is on this page."""
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    if payment.state not in OPEN or not payment.go_url or not may(request.actor, Action.PAY):
        return redirect("payment-detail", reference=reference)
    if not payment.go_fields:
        return HttpResponseRedirect(payment.go_url)
    context = {"payment": payment, "provider": providers.label(payment.provider)}
    return render(request, "shop/payments/go.html", context)


@require_GET
@require_actor
@denied_while_assisted
def payment_return(request: ActorRequest, reference: str) -> HttpResponseBase:
    """Take the payer back: the provider is asked how it stands; nothing in the address is believed."""
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    # Webpay brings a token of its own when the payer has broken off: then there is nothing to take.
    settling.look(payment=payment, now=timezone.now(), has_returned="TBK_TOKEN" not in request.GET)
    return redirect("payment-detail", reference=reference)


@require_GET
@require_actor
@denied_while_assisted
def payment_detail(request: ActorRequest, reference: str) -> HttpResponse:
    """Show one payment: where it stands, what it pays, what can be done."""
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    settling.mark_booked(now=timezone.now(), only=payment)
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    return render(request, "shop/payments/detail.html", _standing(request.actor, payment))


@require_GET
@require_actor
@denied_while_assisted
def payment_state(request: ActorRequest, reference: str) -> HttpResponse:
    """Return where a payment stands alone; asks for itself by htmx while it moves."""
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    now = timezone.now()
    sweep.look_if_due(payment=payment, now=now)
    settling.mark_booked(now=now, only=payment)
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    return render(request, "shop/payments/_standing.html", _standing(request.actor, payment))


def _standing(actor: Actor, payment: Payment) -> dict[str, Any]:
    parts = list(payment.allocations.all())
    return {
        "payment": payment,
        "invoices": [part for part in parts if not part.is_credit],
        "notes": [part for part in parts if part.is_credit],
        "discount": sum((part.discount for part in parts), Decimal(0)),
        "steps": settling.steps(payment),
        "sentence": settling.sentence(payment),
        "is_moving": selectors.is_moving(payment),
        "is_open": payment.state in OPEN,
        "is_transfer": selectors.is_transfer(payment),
        "account": _account(payment),
        "provider": providers.label(payment.provider),
        "may_pay": may(actor, Action.PAY),
    }


def _account(payment: Payment) -> Any:
    """Return the account that a transfer goes to, None for other payments."""
    if payment.state not in OPEN or not selectors.is_transfer(payment):
        return None
    known = {one.name: one for one in providers.switched_on()}.get(payment.provider)
    return known.account if isinstance(known, BankTransfer) else None


@require_POST
@require_actor
@denied_while_assisted
def payment_give_up(request: ActorRequest, reference: str) -> HttpResponseBase:
    """Give an unfinished payment up, so that its invoices are free again."""
    payment = selectors.get_payment(actor=request.actor, reference=reference)
    try:
        services.give_up(actor=request.actor, payment=payment, now=timezone.now())
    except (PaymentRefused, NotPermitted) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The payment was given up. Nothing was charged; your invoices are free again."))
    return redirect("payment-detail", reference=reference)
