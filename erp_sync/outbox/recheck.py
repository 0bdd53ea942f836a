"""Asking prices again before an order is sent that was accepted while the ERP was away (A2)."""

from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from erp_sync.ports import Erp
from erp_sync.records import Ask, NewOrder, NewOrderLine, Offer, PriceContext


@dataclass(frozen=True, slots=True)
class Decision:
    """The order as it may be sent; `needs_review` when a person must decide; `message` says why."""

    order: NewOrder
    needs_review: bool
    message: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    net_price: Decimal
    needs_review: bool = False
    message: str = ""


def decide(
    order: NewOrder,
    *,
    valid_until: dt.datetime | None,
    now: dt.datetime,
    erp: Erp,
    deadline_s: float,
) -> Decision:
    """Compare each line with the ERP's price of now.

    Equal: as it is. ERP lower: the ERP's price. ERP higher: the accepted price until `valid_until`,
    after that a person decides. No price, or not for sale: a person decides.

    Raises:
        ErpError: as the adapter says; nothing was written.
    """
    offers = _offers(order, erp, deadline_s)
    is_valid = valid_until is not None and now <= valid_until
    verdicts = [_verdict(line, offers.get((line.sku, line.quantity)), is_valid=is_valid) for line in order.lines]
    lines = tuple(
        dataclasses.replace(line, net_price=verdict.net_price)
        for line, verdict in zip(order.lines, verdicts, strict=True)
    )
    said = [verdict.message for verdict in verdicts if verdict.message]
    return Decision(
        order=dataclasses.replace(order, lines=lines),
        needs_review=any(verdict.needs_review for verdict in verdicts),
        message="; ".join(said) or "prices checked: all equal",
    )


def _offers(order: NewOrder, erp: Erp, deadline_s: float) -> dict[tuple[str, Decimal], Offer]:
    context = PriceContext(order.customer_erp_id, order.price_list, order.currency)
    asks = {(line.sku, line.quantity): Ask(line.sku, line.item_erp_id, line.quantity) for line in order.lines}
    answers = erp.offers(context, list(asks.values()), deadline_s=deadline_s)
    return {(offer.sku, offer.quantity): offer for offer in answers if offer.currency == order.currency}


def _verdict(line: NewOrderLine, offer: Offer | None, *, is_valid: bool) -> _Verdict:
    accepted = line.net_price
    where = f"line {line.line_no} ({line.sku}): {accepted} accepted"
    if offer is None or offer.net_price is None or not offer.is_salable:
        return _Verdict(accepted, needs_review=True, message=f"{where}, the ERP gives no price")
    if offer.net_price == accepted:
        return _Verdict(accepted)
    where = f"{where}, the ERP's price is {offer.net_price}"
    if offer.net_price < accepted:
        return _Verdict(offer.net_price, message=f"{where} and applies")
    if is_valid:
        return _Verdict(accepted, message=f"{where}: the accepted one is honoured")
    return _Verdict(accepted, needs_review=True, message=f"{where}: the time to honour the accepted one is over")
