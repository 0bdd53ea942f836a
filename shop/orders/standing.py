"""How an order that waits for approval stands with the ERP now: its prices, its totals, what is in the way."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.selectors import price_context, ship_tos
from erp_sync import gateway
from erp_sync.errors import ErpBroken, ErpRejected, ErpUnavailable
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Item
from erp_sync.records import NewOrder, NewOrderLine, Totals
from shop.approvals.models import Approval, ApprovalLine
from shop.money import formats
from shop.offers.selectors import Discount, taken_by
from shop.orders.checkout import company_obstacles
from shop.pricing.price_view import PriceView
from shop.pricing.receipts import PriceReceipt, receipt_of
from shop.pricing.selectors import price_lines

SAME, LOWER, HONOURED, HIGHER, UNKNOWN = "same", "lower", "honoured", "higher", "unknown"
RECEIPT = tuple(PriceReceipt.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class LineStanding:
    """A line as it would be ordered now.

    Attributes:
        verdict: same; lower (the ERP's price applies); honoured (the ERP's is higher, the approved one holds);
            higher (the time to honour it is over: who approves, approves the new price); unknown (no answer).
        now_price: What the ERP says; None without an answer.
        receipt: The price fields that the order's line will have.
    """

    line: ApprovalLine
    verdict: str
    now_price: Decimal | None
    price: Decimal
    receipt: dict[str, Any]

    @property
    def change(self) -> Decimal | None:
        """The ERP's price over the one that was sent, minus 1; None when equal or unknown."""
        if self.now_price is None or not self.line.net_price or self.now_price == self.line.net_price:
            return None
        return self.now_price / self.line.net_price - 1

    @property
    def amount(self) -> Decimal:
        """Untaxed, at the price that would be ordered."""
        return gateway.line_amount(self.price, self.line.quantity)


@dataclass(frozen=True, slots=True)
class Standing:
    """All lines together. `obstacles` must be put right before anybody can approve."""

    lines: tuple[LineStanding, ...]
    obstacles: tuple[str, ...]
    valid_until: dt.datetime
    discount: Discount | None = None

    @property
    def untaxed(self) -> Decimal:
        """What the lines come to at the prices that would be ordered, less the discount that was kept for it."""
        less = self.discount.amount if self.discount else Decimal(0)
        return sum((one.amount for one in self.lines), Decimal(0)) - less

    @property
    def verdict(self) -> str:
        """The one that matters most, for the sentence above the lines."""
        verdicts = {one.verdict for one in self.lines}
        return next((one for one in (HIGHER, LOWER, HONOURED, UNKNOWN) if one in verdicts), SAME)

    @property
    def is_offline(self) -> bool:
        """The ERP did not answer for every line: the order would wait for its confirmation."""
        return any(one.verdict == UNKNOWN for one in self.lines)

    @property
    def raised(self) -> str:
        """Hash of the higher prices that an approval would accept; "" when it accepts none."""
        higher = [[one.line.line_no, f"{one.price:f}"] for one in self.lines if one.verdict == HIGHER]
        return hashlib.sha256(json.dumps(higher).encode()).hexdigest()[:32] if higher else ""


def standing(*, actor: Actor, approval: Approval, now: dt.datetime, live: bool) -> Standing:
    """Hold the lines against the ERP's prices (one call, 2 queries). With `live` nothing kept is taken."""
    rows = list(approval.lines.all())
    items = mirror.items_by_sku([row.sku for row in rows])
    asks = [(row.sku, row.quantity) for row in rows]
    views = price_lines(actor=actor, asks=asks, items=items, live=live)
    price_list = price_context(sold_to=approval.sold_to).price_list
    is_valid = now <= approval.prices_valid_until
    lines = tuple(_line(row, views.get(row.sku), price_list, is_valid=is_valid) for row in rows)
    return Standing(lines, tuple(_withdrawn(rows, items)), approval.prices_valid_until, _kept(approval))


def as_sent(approval: Approval, rows: Iterable[ApprovalLine]) -> Standing:
    """Return the lines as they were sent; nobody is asked."""
    lines = tuple(LineStanding(row, SAME, None, row.net_price, {}) for row in rows)
    return Standing(lines, (), approval.prices_valid_until, _kept(approval))


def _kept(approval: Approval) -> Discount | None:
    """Return the discount that is kept for it while it waits."""
    return taken_by(sold_to_id=approval.sold_to_id, order_key=approval.order_key)


def _line(row: ApprovalLine, view: PriceView | None, price_list: str, *, is_valid: bool) -> LineStanding:
    known = view.answer if view is not None and view.currency == row.currency else None
    fresh = known if known is not None and known.stamp.source != gateway.LAST_KNOWN else None
    receipt = receipt_of(fresh, row.quantity, price_list=price_list) if fresh else None
    kept = {name: getattr(row, name) for name in RECEIPT}
    if receipt is None:
        return LineStanding(row, UNKNOWN, None, row.net_price, kept)
    now_price = receipt.net_price
    if now_price == row.net_price:
        return LineStanding(row, SAME, now_price, row.net_price, kept)
    if now_price > row.net_price and is_valid:
        return LineStanding(row, HONOURED, now_price, row.net_price, kept)
    verdict = LOWER if now_price < row.net_price else HIGHER
    return LineStanding(row, verdict, now_price, now_price, asdict(receipt))


def _withdrawn(rows: list[ApprovalLine], items: Mapping[str, Item]) -> list[str]:
    gone = [row.sku for row in rows if row.sku not in items or not items[row.sku].is_active]
    if not gone:
        return []
    return [
        _("%(skus)s is no longer sold. Decline with this reason: the buyer changes the order and sends it again.")
        % {"skus": ", ".join(gone[:10])}
    ]


def asked_totals(actor: Actor, approval: Approval, found: Standing) -> tuple[Totals | None, str]:
    """Return what the ERP makes of these prices, or its refusal; None and "" while it does not answer."""
    context = price_context(sold_to=approval.sold_to)
    discount = found.discount.as_sent() if found.discount else None
    order = NewOrder(
        "", context.customer_erp_id, context.price_list, approval.currency, new_lines(found), discount=discount
    )
    try:
        return gateway.totals(order), ""
    except ErpRejected as error:
        return None, _("The ERP refuses this order: %(words)s It goes on waiting.") % {"words": error.message}
    except (ErpUnavailable, ErpBroken):
        return None, ""


def new_lines(found: Standing) -> tuple[NewOrderLine, ...]:
    """Return the lines as the ERP takes them."""
    return tuple(
        NewOrderLine(
            one.line.line_no, one.line.sku, one.line.item_erp_id, one.line.quantity, one.price, one.line.note
        )
        for one in found.lines
    )  # fmt: skip


def in_the_way(actor: Actor, approval: Approval, found: Standing, totals: Totals | None, now: dt.datetime) -> list[str]:
    """Return everything that forbids the order now: items, the place, the ledger, a block, the credit."""
    said = list(found.obstacles)
    if approval.ship_to_erp_id not in {place.erp_id for place in ship_tos(actor=actor)}:
        said.append(_("Its delivery address was shut or is gone. The buyer must choose another one."))
    credit = gateway.credit(approval.sold_to.erp_id) if totals is not None else None
    said += company_obstacles(actor, totals, credit, now)
    return said


def price_sentence(found: Standing, currency: str) -> str:
    """Say what has become of the prices since the order was sent; "" when nothing has."""
    said = {
        "day": formats.datetime_short(found.valid_until),
        "total": formats.money(found.untaxed, currency),
    }
    sentences = {
        LOWER: _("Prices went down since it was sent: the lower price applies, %(total)s untaxed."),
        HONOURED: _("Prices went up since it was sent. The price that was sent is honoured until %(day)s."),
        HIGHER: _(
            "Prices went up and the time to honour the old ones is over. "
            "Who approves now, approves the new price: %(total)s untaxed. The buyer is told."
        ),
        UNKNOWN: _("The ERP does not answer. Approved now, the order waits for its confirmation at the price sent."),
    }
    return sentences[found.verdict] % said if found.verdict in sentences else ""
