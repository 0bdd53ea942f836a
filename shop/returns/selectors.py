"""Reads returns: those asked for in the shop with what the ERP says of them, and those that were made in the ERP."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.db.models import Sum
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.actors import Actor
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror import shipments
from erp_sync.mirror.models import Invoice, Item, Order, OrderLine
from erp_sync.mirror.models import Return as ErpReturn
from shop.catalogue.texts import ItemWords, item_words
from shop.money import formats
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items
from shop.orders.steps import DONE, NOW, OFF, TODO, Step
from shop.returns.models import Reason, Return, ReturnState
from shop.uploads.models import StoredFile

PER_PAGE = 25
MOST_LINE_NO = 32_000
STATE_OF_ERP = {
    "requested": ReturnState.ASKED,
    "approved": ReturnState.APPROVED,
    "done": ReturnState.RECEIVED,
    "rejected": ReturnState.REFUSED,
}
RANK = {ReturnState.ASKED: 0, ReturnState.WITH_US: 0, ReturnState.APPROVED: 1, ReturnState.RECEIVED: 2}


@dataclass(frozen=True, slots=True)
class ReturnableLine:
    """An order line of which something was delivered.

    Attributes:
        asked: Already on its way back or asked for, in the shop or in the ERP.
        left: What may still be returned: delivered less asked, never below zero.
        digits: Decimals that its unit allows.
    """

    line: OrderLine
    name: str
    unit: str
    digits: int
    asked: Decimal
    left: Decimal

    @property
    def order(self) -> Order:
        """The order it belongs to."""
        return self.line.order


@dataclass(frozen=True, slots=True)
class ReturnView:
    """A return for its reader.

    Attributes:
        key: What its page's address takes; `number` what people call it.
        state: A `ReturnState` value, by the ERP where it knows more than the shop.
        asked_by: "" for a return made in the ERP.
        credit: The credit note, once it is in the mirror; `credit_number` what the ERP calls it.
    """

    key: str
    number: str
    state: str
    order_number: str
    order_erp_id: str
    sku: str
    name: str
    quantity: Decimal
    unit: str
    reason: str
    description: str
    files: tuple[StoredFile, ...]
    asked_by: str
    asked_on: dt.date | None
    erp_message: str
    credit_number: str
    credit: Invoice | None
    steps: tuple[Step, ...]


# --- what may go back ----------------------------------------------------------------------------------------------


def get_returnable(*, actor: Actor, number: str, line_no: int) -> ReturnableLine:
    """Return a goods line of one of the company's orders, and how much of it may go back (4 queries).

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    line = (
        shipments.order_line(customer_erp_id=actor.sold_to.erp_id, number=number, line_no=line_no)
        if 0 < line_no <= MOST_LINE_NO
        else None
    )
    if line is None or line.item_type != "goods" or not line.sku or line.order.is_return:
        raise Http404
    items = mirror.item_words([line.sku])
    words = item_words(items[0]) if items else UNKNOWN_ITEM
    asked = asked_of_line(actor=actor, line=line)
    return ReturnableLine(
        line=line,
        name=words.name or line.description or line.sku,
        unit=words.unit(line.unit),
        digits=_digits(line, items[0] if items else None),
        asked=asked,
        left=max(Decimal(0), line.quantity_delivered - asked),
    )


def _digits(line: OrderLine, item: Item | None) -> int:
    """Return the decimals that the line's unit allows; of an unknown unit as many as the delivered quantity has."""
    units = (item.sales_unit, *item.packs) if item else ()
    known = next((int(unit.get("digits") or 0) for unit in units if unit.get("code") == line.unit), 0)
    shown = -int(line.quantity_delivered.normalize().as_tuple().exponent)
    return max(known, shown, 0)


def asked_of_line(*, actor: Actor, line: OrderLine) -> Decimal:
    """Return how much of a line is asked for already: in the shop, and in the ERP by others (2 queries)."""
    own = Return.objects.filter(sold_to=actor.sold_to, order_line_erp_id=line.erp_id)
    counted = own.exclude(state=ReturnState.REFUSED).aggregate(total=Sum("quantity"))["total"] or Decimal(0)
    in_erp = shipments.returns_of_line(customer_erp_id=actor.sold_to.erp_id, order_line_erp_id=line.erp_id)
    ours = set(own.values_list("reference", flat=True)) if in_erp else set()
    return counted + sum((one.quantity for one in in_erp if one.reference not in ours), Decimal(0))


# --- lists and one ------------------------------------------------------------------------------------------------


def returns_for(*, actor: Actor, order: str = "", page: str | None = None) -> Page:
    """Return a page of the company's returns, the latest first, those of one order where it is named (5 queries)."""
    own, in_erp = _own(actor), shipments.returns_of(customer_erp_id=actor.sold_to.erp_id)
    views = _views(actor, own, in_erp)
    if order:
        views = [view for view in views if view.order_number == order]
    views.sort(key=lambda view: (view.asked_on or dt.date.min, view.number), reverse=True)
    return Paginator(views, PER_PAGE).get_page(page)


def get_return(*, actor: Actor, number: str) -> ReturnView:
    """Return one return by the shop's reference or the ERP's number.

    Raises:
        Http404: there is none such, or it is another company's: both look the same.
    """
    own = [one for one in _own(actor) if number in (one.reference, one.erp_number)]
    in_erp = shipments.returns_of(customer_erp_id=actor.sold_to.erp_id)
    if own:
        return _views(actor, own[:1], [one for one in in_erp if one.reference == own[0].reference])[0]
    others = [one for one in in_erp if number in (one.number, one.erp_id)]
    found = _views(actor, [], others[:1])
    if not found:
        raise Http404
    return found[0]


def _own(actor: Actor) -> list[Return]:
    rows = Return.objects.filter(sold_to=actor.sold_to).select_related("asked_by").prefetch_related("files", "moves")
    return list(rows)


def _views(actor: Actor, own: list[Return], in_erp: list[ErpReturn]) -> list[ReturnView]:
    by_reference = {one.reference: one for one in in_erp if one.reference}
    known = {one.reference for one in own}
    others = [one for one in in_erp if one.reference not in known]
    numbers = [*(one.credit_number for one in own), *(one.credit_number for one in in_erp)]
    credits = shipments.credit_notes(customer_erp_id=actor.sold_to.erp_id, numbers=numbers)
    orders = _orders(actor, others)
    words = words_of_items([*(one.sku for one in own), *(one.sku for one in others)])
    return [
        *(_from_shop(one, by_reference.get(one.reference), credits, words.get(one.sku, UNKNOWN_ITEM)) for one in own),
        *(_from_erp(one, orders, credits, words.get(one.sku, UNKNOWN_ITEM)) for one in others),
    ]


def _orders(actor: Actor, rows: list[ErpReturn]) -> dict[str, Order]:
    erp_ids = {one.order_erp_id for one in rows if one.order_erp_id}
    return shipments.orders_by_erp_id(customer_erp_id=actor.sold_to.erp_id, erp_ids=erp_ids) if erp_ids else {}


def _from_shop(
    one: Return, erp: ErpReturn | None, credits: dict[str, Invoice], item: ItemWords
) -> ReturnView:  # fmt: skip
    state = state_in_erp(erp) if erp else one.state
    credit_number = (erp.credit_number if erp else "") or one.credit_number
    dates = {move.state: move.at for move in one.moves.all()}
    return ReturnView(
        key=one.reference,
        number=(erp.number if erp else "") or one.erp_number or one.reference,
        state=state,
        order_number=one.order_number,
        order_erp_id=one.order_erp_id,
        sku=one.sku,
        name=item.name or one.name or one.sku,
        quantity=one.quantity,
        unit=item.unit(one.unit),
        reason=one.get_reason_display(),
        description=one.description,
        files=tuple(one.files.all()),
        asked_by=str(one.asked_by),
        asked_on=one.asked_at.astimezone(formats.company_zone()).date(),
        erp_message=one.erp_message,
        credit_number=credit_number,
        credit=credits.get(credit_number),
        steps=steps_of(state, dates | {"asked": one.asked_at}),
    )


def _from_erp(
    one: ErpReturn, orders: dict[str, Order], credits: dict[str, Invoice], item: ItemWords
) -> ReturnView:  # fmt: skip
    state, order = state_in_erp(one), orders.get(one.order_erp_id)
    lines = [line for line in order.lines.all() if line.erp_id == one.order_line_erp_id] if order else []
    return ReturnView(
        key=one.number or one.erp_id,
        number=one.number or one.erp_id,
        state=state,
        order_number=order.number or order.web_reference if order else "",
        order_erp_id=one.order_erp_id,
        sku=one.sku,
        name=item.name or one.sku,
        quantity=one.quantity,
        unit=item.unit(lines[0].unit) if lines else "",
        reason=str(dict(Reason.choices).get(one.reason, one.reason)),
        description="",
        files=(),
        asked_by="",
        asked_on=one.requested_on,
        erp_message="",
        credit_number=one.credit_number,
        credit=credits.get(one.credit_number),
        steps=steps_of(state, {"asked": one.requested_on}),
    )


def state_in_erp(one: ErpReturn) -> str:
    """Return where the ERP says the return stands; with a credit note it is credited."""
    state = STATE_OF_ERP.get(one.state, ReturnState.ASKED)
    if one.credit_number and state != ReturnState.REFUSED:
        return ReturnState.CREDITED
    return state


def steps_of(state: str, dates: Mapping[str, dt.date | None]) -> tuple[Step, ...]:
    """Return the way of a return: asked for, approved, received, credited; or refused."""
    asked = Step("asked", DONE, pgettext("return", "Asked for"), dates.get(ReturnState.ASKED))
    if state == ReturnState.REFUSED:
        return (asked, Step("refused", OFF, _("Refused"), dates.get(ReturnState.REFUSED)))
    words = {
        ReturnState.APPROVED: _("Approved"),
        ReturnState.RECEIVED: _("Received"),
        ReturnState.CREDITED: _("Credited"),
    }
    reached = RANK.get(ReturnState(state), 3)
    further = [
        Step(key.value, _step_state(rank, reached), text, dates.get(key) if rank <= reached else None)
        for rank, (key, text) in enumerate(words.items(), start=1)
    ]
    return (asked, *further)


def _step_state(rank: int, reached: int) -> str:
    if rank <= reached:
        return DONE
    return NOW if rank == reached + 1 else TODO
