"""The adapter of docs/adapters.md, whole: what a developer begins with, and what the check says of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from typing import Any, Self

from django.core.management import call_command
from pytest_django.fixtures import Settings

from erp_sync import ports
from erp_sync import records as r
from erp_sync.adapters.bare import BareErp

BEGAN = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
PIECE = r.PackUnit("pc", {"en": "piece"})
PRICES = {"A": Decimal("1.2000"), "B": Decimal("3.4000"), "C": Decimal("5.5000")}
CUSTOMER = r.CustomerRecord("c1", BEGAN, "C1", "One", currency="EUR", price_list="L")


class ToyErp(BareErp):
    """Three items and a customer."""

    capabilities = ports.Capabilities(
        name="Toy",
        enforces_reference=True,
        can_query_reference=True,
        max_processing_s=0,
        has_pdf=False,
        has_credit=False,
    )

    def __init__(self) -> None:
        items = [r.ItemRecord(sku, BEGAN, sku, {"en": r.Text(f"Item {sku}")}, PIECE) for sku in PRICES]
        self._records: dict[str, Sequence[Any]] = {"customers": [CUSTOMER], "items": items}

    @classmethod
    def from_settings(cls, **connection: Any) -> Self:
        """Return the adapter."""
        return cls()

    def health(self, *, deadline_s: float) -> ports.ErpHealth:
        """Answer."""
        return ports.ErpHealth("Toy", "1", 0.0, 1.0)

    def pull(self, kind: str, cursor: r.Cursor, *, limit: int, deadline_s: float) -> r.Page[object]:
        """Return a page by id."""
        since = cursor.changed_at or BEGAN
        found = [one for one in self._records.get(kind, ()) if one.erp_id > cursor.last_id and one.version >= since]
        page = found[:limit]
        following = r.Cursor(cursor.changed_at, page[-1].erp_id) if len(found) > limit else None
        return r.Page(tuple(page), following)

    def offers(
        self,
        context: r.PriceContext,
        asks: Sequence[r.Ask],
        *,
        ladders: bool = False,
        warehouses: bool = False,
        deadline_s: float,
    ) -> list[r.Offer]:
        """Price what is known."""
        known = {one.sku: PRICES.get(one.sku) for one in asks}
        return [
            r.Offer(
                one.sku, one.erp_id, one.quantity, "pc", "EUR", known[one.sku], is_salable=known[one.sku] is not None
            )
            for one in asks
        ]


def test_fifty_lines_can_be_asked_and_what_is_not_written_is_said(settings: Settings) -> None:
    settings.ERP_ADAPTER = f"{__name__}.ToyErp"
    out = StringIO()
    asked = ("it_answers_and_knows_the_time", "an_unknown_item_is_not_for_sale", "small_pages_see_everything_once")
    cannot = (
        "credit_is_said",
        "an_invoice_prints_as_pdf",
        "a_request_is_one_draft",
        "a_payment_is_allocated_exactly_and_once",
    )
    call_command("erp_check", "--write", "--noinput", "--only", *asked, "a_page_is_priced_in_time", *cannot, stdout=out)
    assert "4 pass, 0 fail, 4 cannot" in out.getvalue()
    assert "Nothing to correct." in out.getvalue()
