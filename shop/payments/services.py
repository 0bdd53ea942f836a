"""Starting a payment, and giving one up. What follows at the provider and in the ERP: settling.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import SoldTo
from accounts.permissions import Action, require
from erp_sync import gateway
from shop.invoices.selectors import company_today
from shop.orders.references import new_reference
from shop.payments import providers, selectors, settling, states
from shop.payments.allocate import Due, Part, Plan, oldest_credits, plan
from shop.payments.errors import AmountChanged, PaymentRefused, ProviderError, ProviderRefused, ProviderUnavailable
from shop.payments.models import OPEN, Allocation, Payment, PaymentState
from shop.payments.providers.base import Ask, Provider, Standing, Started

log = structlog.get_logger(__name__)
OLDEST = "oldest"
FIRST_LOOK = dt.timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a payer wants. Nothing in it decides: amounts are checked against what is due.

    Attributes:
        numbers: Of the invoices to pay.
        amounts: How much of an invoice, by its number; missing = all of it.
        credits: Numbers of credit notes to use, or None = the oldest that fit.
        provider: How he wants to pay.
    """

    numbers: tuple[str, ...]
    amounts: Mapping[str, Decimal] = field(default_factory=dict)
    credits: tuple[str, ...] | None = None
    provider: str = ""


def planned(*, documents: list[Due], wish: Wish, today: dt.date) -> Plan:
    """Return the payment that the wish amounts to now.

    Raises:
        PaymentRefused: it can't be paid like this.
    """
    invoices = selectors.chosen(documents, wish.numbers)
    if missing := set(wish.numbers) - {one.number for one in invoices}:
        words = _("Nothing is left to pay of %(numbers)s. Reload the list of invoices.")
        raise PaymentRefused(words % {"numbers": ", ".join(sorted(missing))})
    wished = {one.erp_id: wish.amounts[one.number] for one in invoices if one.number in wish.amounts}
    # Money that comes later, by bank, can neither be early nor be set off against a credit note from here.
    is_online = wish.provider != "bank_transfer"
    bare = plan(invoices=invoices, wished=wished, today=today, with_discount=is_online)
    can_use_notes = is_online and gateway.settles_credit_notes()
    notes = _credit_notes(documents, invoices, wish, bare.amount) if can_use_notes else []
    if not notes:
        return bare
    return plan(invoices=invoices, wished=wished, credit_notes=notes, today=today)


def _credit_notes(documents: list[Due], invoices: list[Due], wish: Wish, budget: Decimal) -> list[Due]:
    notes = [one for one in documents if one.is_credit]
    if wish.credits is None:
        return oldest_credits(credit_notes=notes, invoices=invoices, budget=budget)
    return selectors.chosen(notes, wish.credits)


def start(*, actor: Actor, key: UUID, wish: Wish, shown: Decimal, now: dt.datetime) -> Payment:
    """Reserve the invoices and prepare the payment at the provider; the same page (`key`) starts one payment.

    Args:
        actor: Who pays, for his own company.
        key: Of the page.
        wish: What he wants.
        shown: The amount he saw on the button.
        now: The current time.

    Raises:
        NotPermitted: he may not pay for this company, or acts for it as a rep.
        PaymentRefused: it can't be paid like this; nothing was reserved.
        AmountChanged: it would cost something else than he saw; nothing was reserved.
    """
    require(actor, Action.PAY)
    provider = _usable(wish.provider)
    with transaction.atomic():
        # One payer of a company at a time: what is free is read while nobody else can reserve it.
        company = SoldTo.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.sold_to.pk)
        before = Payment.objects.filter(sold_to=company, key=key).first()
        if before is not None:
            return before
        documents = selectors.open_documents(sold_to=company)
        chosen = planned(documents=documents, wish=wish, today=company_today(now))
        _refuse_unless_shown(chosen, shown, provider)
        payment = _create(actor=actor, key=key, chosen=chosen, provider=provider, now=now)
    _begin(payment=payment, provider=provider, now=now)
    return payment


def _usable(name: str) -> Provider:
    try:
        return providers.provider(name)
    except ProviderRefused as error:
        raise PaymentRefused(_("Choose how you want to pay.")) from error


def _refuse_unless_shown(chosen: Plan, shown: Decimal, provider: Provider) -> None:
    if not provider.takes(chosen.currency):
        words = _("%(provider)s does not take %(currency)s. Choose another way to pay.")
        raise PaymentRefused(words % {"provider": providers.label(provider.name), "currency": chosen.currency})
    if shown != chosen.amount:
        raise AmountChanged(_("The amount has changed since you saw it. Please check it and confirm again."))


def _create(*, actor: Actor, key: UUID, chosen: Plan, provider: Provider, now: dt.datetime) -> Payment:
    payment = Payment.objects.create(
        reference=new_reference(now),
        key=key,
        sold_to=actor.sold_to,
        by=actor.user,
        session_id=actor.session_id,
        currency=chosen.currency,
        amount=chosen.amount,
        provider=provider.name,
        created_at=now,
        next_look_at=now + FIRST_LOOK,
    )
    states.note(payment=payment, before="", now=now, by=str(actor.user))
    Allocation.objects.bulk_create(_allocation(payment, part) for part in (*chosen.invoices, *chosen.credits))
    return payment


def _allocation(payment: Payment, part: Part) -> Allocation:
    document = part.document
    return Allocation(
        payment=payment,
        invoice_erp_id=document.erp_id,
        number=document.number,
        is_credit=document.is_credit,
        amount=part.money,
        discount=part.discount,
        due=document.due,
    )


def _begin(*, payment: Payment, provider: Provider, now: dt.datetime) -> None:
    """Let the provider prepare it; what fails here was seen by nobody, so the invoices are free again at once."""
    try:
        started = provider.start(_ask(payment, now))
        if started.go_url and not providers.is_checkout_address(provider.name, started.go_url):
            raise ProviderUnavailable(f"the answer sends payers to {started.go_url[:80]!r}")
    except ProviderError as error:
        log.error("payment_not_started", reference=payment.reference, error=str(error))  # noqa: TRY400 (no trace wanted)
        if isinstance(error, ProviderUnavailable):
            providers.note_down(provider.name)
        with transaction.atomic():
            states.move(payment=payment, to=PaymentState.FAILED, now=now, message=str(error))
        words = _("%(provider)s does not answer, so nothing was charged and your invoices are as before.")
        raise PaymentRefused(
            words % {"provider": providers.label(provider.name)}, _("Try again in a minute, or choose another way.")
        ) from error
    providers.note_up(provider.name)
    _keep(payment, started, now)


def _keep(payment: Payment, started: Started, now: dt.datetime) -> None:
    with transaction.atomic():
        payment.provider_reference, payment.go_url = started.provider_reference, started.go_url
        payment.go_fields = started.go_fields
        payment.save(update_fields=["provider_reference", "go_url", "go_fields"])
        if started.standing == Standing.PENDING:
            states.move(payment=payment, to=PaymentState.PENDING, now=now)


def _ask(payment: Payment, now: dt.datetime) -> Ask:
    numbers = ", ".join(part.number for part in payment.allocations.all() if not part.is_credit)
    page = {"reference": payment.reference}
    return Ask(
        reference=payment.reference,
        amount=payment.amount,
        currency=payment.currency,
        description=f"{settings.COMPANY_NAME}: {numbers}"[:200],
        return_url=settings.SHOP_URL + reverse("payment-return", kwargs=page),
        cancel_url=settings.SHOP_URL + reverse("payment-return", kwargs=page),
        hook_url=settings.SHOP_URL + reverse("payment-hook", kwargs={"provider": payment.provider}),
        language=get_language() or "en",
        now=now,
    )


def give_up(*, actor: Actor, payment: Payment, now: dt.datetime) -> Payment:
    """Give an unfinished payment up, so that its invoices can be paid otherwise; money that came counts all the same.

    Raises:
        NotPermitted: he may not pay for this company.
        PaymentRefused: it is finished, or nobody can say whether the money came.
    """
    require(actor, Action.PAY)
    payment = settling.look(payment=payment, now=now)
    if payment.state in OPEN and payment.message and not selectors.is_transfer(payment):
        raise PaymentRefused(_("The provider does not answer, so the money may be on its way. Try again in a minute."))
    with transaction.atomic():
        locked = Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)
        if locked.state not in OPEN:
            raise PaymentRefused(_("This payment is finished: it can't be given up any more."))
        if locked.state == PaymentState.PENDING and not selectors.is_transfer(locked):
            raise PaymentRefused(_("The provider says that the money is on its way: it can't be given up any more."))
        states.move(payment=locked, to=PaymentState.ABANDONED, now=now, by=str(actor.user))
    return locked
