"""Documents of sale: what orders, quotes, deliveries, invoices and returns have in common."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from erp_sync import records as r
from erp_sync.adapters.odata import any_of, literal, query
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.batch import Ask
from erp_sync.adapters.sap_b1.client import NOTHING_BACK, B1Client
from erp_sync.adapters.sap_b1.faults import NeedsApproval
from erp_sync.adapters.sap_b1.mapping import Row
from erp_sync.adapters.sap_b1.setup import KEY, KEY_TABLE, LINE, MANUAL, STATE, Setup, SetupSource
from erp_sync.errors import ErpBroken
from erp_sync.http import Deadline

# Numbers of the kinds of documents, as a line names what it was made from.
QUOTE, ORDER, DELIVERY, INVOICE = 23, 17, 15, 13
OPEN, CLOSED = "bost_Open", "bost_Close"
# The ERP takes a document back by a second one; that one is no document of trade.
NO_COUNTER = "CancelStatus ne 'csCancellation'"
COMMENTS = 254
CUSTOMER_REFERENCE = 100
HEAD = (
    "DocEntry",
    "DocNum",
    "CardCode",
    "NumAtCard",
    "DocDate",
    "DocDueDate",
    "CreationDate",
    "DocTime",
    "UpdateDate",
    "UpdateTime",
    "DocumentStatus",
    "Cancelled",
    "CancelStatus",
    "DocCurrency",
    "DocTotal",
    "DocTotalFc",
    "VatSum",
    "VatSumFc",
    "Comments",
    "DocumentLines",
)
# What of our own fields orders and quotes carry, and what else a write looks at.
SALE = (*HEAD, KEY, STATE, "ShipToCode", "DocumentSpecialLines", "OpeningRemarks", "ClosingRemarks")
# A day of posting can be set back: what follows a document is looked for from so long before its own day on.
BEFORE = dt.timedelta(days=31)
CUSTOMERS_AT_ONCE = 20
FOLLOWER_FIELDS = ("DocEntry", "DocNum", "CardCode", "DocDate", "UpdateDate", "DocumentLines")
# What U_B2BState says on what the shop itself wrote: staff who go on from a document take its fields along.
OURS = {"Orders": "order", "ReturnRequest": "return"}
TEXT_LINE = "dslt_Text"


class Sales:
    """Reads and writes orders and quotes under our keys.

    A key is kept in the user field U_B2BKey, which the ERP does not keep unique. Where the user table B2BKEY is there,
    a row under the key is written in one changeset with the document: a second one fails, and nothing of it stays.
    """

    def __init__(self, client: B1Client, setup: SetupSource) -> None:
        self.client = client
        self.setup = setup

    def by_key(self, entity: str, reference: str, deadline: Deadline) -> list[dict[str, Any]]:
        """Return the documents under a key, whole enough for a write; drafts that wait for an approval else.

        Drafts are read first: one that is approved meanwhile is seen as a draft, as a document, or as both.
        """
        where = f"{KEY} eq {literal(to.key_of(reference))}"
        where += f" and {STATE} eq '{OURS[entity]}'" if entity in OURS else ""
        kind = {"Orders": "oOrders", "Quotations": "oQuotations", "ReturnRequest": "oReturnRequest"}[entity]
        waiting = f"{where} and DocObjectCode eq '{kind}' and DocumentStatus eq '{OPEN}'"
        asks = [
            Ask(
                "GET",
                f"{name}{query({'$select': self.client.selected(SALE), '$filter': clause, '$orderby': 'DocEntry'})}",
            )
            for name, clause in (("Drafts", waiting), (entity, where))
        ]
        told = self.client.read_together(asks, deadline=deadline)
        found = [self.client.rows_of(one, entity) for one in told]
        if len(found) != len(asks):
            raise ErpBroken("$batch: an answer is missing")
        drafts, made = found
        return made or [{**row, "is_draft": True} for row in drafts]

    def by_entry(self, entity: str, erp_id: str, deadline: Deadline) -> dict[str, Any] | None:
        """Return a document."""
        rows = self.client.by_keys(entity, "DocEntry", [to.entry_of(erp_id)], select=SALE, deadline=deadline)
        return rows[0] if rows else None

    def make(
        self,
        entity: str,
        body: Mapping[str, Any],
        reference: str,
        deadline: Deadline,
        *,
        before: Sequence[Ask] = (),
        after: Sequence[Ask] = (),
    ) -> list[dict[str, Any]]:
        """Create a document under a key, with what else belongs to it, and return what is there then.

        Raises:
            Exists: the key is taken, and nothing is there under it: somebody made the row of the key alone.
        """
        key = to.key_of(reference)
        body = {**body, **self.branch(), KEY: key, **({STATE: OURS[entity]} if entity in OURS else {})}
        guard = [Ask("POST", KEY_TABLE, {"Code": key, "Name": key})] if self._is_guarded(deadline) else []
        try:
            if guard or before or after:
                made = Ask("POST", entity, body, NOTHING_BACK)
                self.client.write_together([*guard, *before, made, *after], deadline=deadline)
            else:
                self.client.make(entity, body, deadline=deadline)
        except NeedsApproval:
            pass  # it is kept as a draft, or it was rolled back: the look-up tells which
        return self.by_key(entity, reference, deadline)

    def branch(self) -> dict[str, int]:
        """Return the branch that a document is posted for."""
        number = self.setup.options.branch
        return {"BPL_IDAssignedToInvoice": number} if number else {}

    def let_go(self, entity: str, row: Row, etag: str, reason: str, deadline: Deadline) -> None:
        """Cancel a document as it was read, with the reason among its remarks, in one changeset."""
        path = f"{entity}({to.whole(row['DocEntry'])})"
        words = to.text("\n".join(filter(None, [row.get("Comments"), reason])), COMMENTS)
        said = Ask("PATCH", path, {"Comments": words}, {"If-Match": etag})
        self.client.write_together([said, Ask("POST", f"{path}/Cancel")], deadline=deadline)

    def _is_guarded(self, deadline: Deadline) -> bool:
        return self.setup.get(deadline).has_key_table


# --- what was made from a document ---


@dataclass(frozen=True, slots=True)
class Follower:
    """A line that was made from one of another document: of which entity and document it is."""

    entity: str
    row: Row
    line: Row


def followers(
    client: B1Client, entities: Sequence[str], rows: Sequence[Row], kind: int, deadline: Deadline
) -> dict[str, list[Follower]]:
    """Return the lines that were made from those of these documents, by the id of the line they were made from.

    Not every database lets the ERP be asked for them: those of the customers since then are looked through.
    """
    wanted = {row["DocEntry"] for row in rows}
    customers = sorted({str(row["CardCode"]) for row in rows})
    since = literal((min(to.needed_day(row["DocDate"]) for row in rows) - BEFORE).isoformat())
    found: dict[str, list[Follower]] = defaultdict(list)
    for start in range(0, len(customers), CUSTOMERS_AT_ONCE):
        who = any_of("CardCode", customers[start : start + CUSTOMERS_AT_ONCE])
        where = f"({who}) and DocDate ge {since} and Cancelled eq 'tNO' and {NO_COUNTER}"
        for entity in entities:
            for row in client.rows(entity, "DocEntry", select=FOLLOWER_FIELDS, where=where, size=50, deadline=deadline):
                for one in row["DocumentLines"]:
                    if is_made_from(one, kind) and one["BaseEntry"] in wanted:
                        found[base_id(one)].append(Follower(entity, row, one))
    return found


# --- money: the ERP tells it in the local currency, and besides in that of the document ---


def money(row: Row, name: str, setup: Setup, foreign: str = "") -> Decimal:
    """Return an amount of a document in its own currency."""
    is_local = setup.iso(row.get("DocCurrency")) == setup.currency
    return to.amount(row[name if is_local else foreign or f"{name}Fc"])


def line_total(one: Row, row: Row, setup: Setup) -> Decimal:
    """Return what a line costs without tax, in the document's currency."""
    is_local = setup.iso(row.get("DocCurrency")) == setup.currency
    return to.amount(one["LineTotal" if is_local else "RowTotalFC"])


def totals(row: Row, setup: Setup) -> r.Totals:
    """Return the totals of an order or quote.

    `freight` is all that stands beside the lines: expenses, the discount of the whole document, its rounding.
    """
    total, tax = money(row, "DocTotal", setup), money(row, "VatSum", setup)
    lines = tuple(line_total(one, row, setup) for one in own_lines(row))
    return r.Totals(
        currency=setup.iso(row.get("DocCurrency")),
        untaxed=total - tax,
        tax=tax,
        total=total,
        freight=total - tax - sum(lines, Decimal(0)),
        line_amounts=lines,
    )


# --- lines ---


def own_lines(row: Row) -> list[Row]:
    """Return the lines of a document in their order."""
    return sorted(row.get("DocumentLines") or (), key=lambda one: one["LineNum"])


def numbered(row: Row) -> list[tuple[int, Row]]:
    """Return lines with our numbers where all have one, else counted."""
    lines = own_lines(row)
    numbers = [one.get(LINE) for one in lines]
    if not all(isinstance(number, int) and number > 0 for number in numbers) or len(set(numbers)) < len(numbers):
        return list(enumerate(lines, 1))
    return [(int(number or 0), one) for number, one in zip(numbers, lines, strict=True)]


def net_price(one: Row) -> Decimal:
    """Return what one unit of a line costs: `Price` is after the discount of the line, `UnitPrice` before it."""
    return to.price(one["Price"])


def unit_name(one: Row) -> str:
    """Return the unit of a line."""
    entry = one.get("UoMEntry")
    code = to.line(one.get("UoMCode"), 100)
    is_manual = entry in {None, MANUAL} or code.lower() == "manual"
    return to.line(one.get("MeasureUnit"), 100) if is_manual else code


def is_made_from(one: Row, kind: int) -> bool:
    """Say whether a line was made from one of a document of this kind."""
    return one.get("BaseType") == kind and one.get("BaseEntry") is not None


def base_id(one: Row) -> str:
    """Return the id of the line that a line was made from."""
    return to.line_id(one["BaseEntry"], one["BaseLine"])


# --- states ---


def is_cancelled(row: Row) -> bool:
    """Say whether a document was taken back."""
    return to.flag(row.get("Cancelled")) or row.get("CancelStatus") == "csYes"


def is_open(row: Row) -> bool:
    """Say whether a document still waits for what follows it."""
    return row["DocumentStatus"] == OPEN and not is_cancelled(row)


def state_of(row: Row) -> str:
    """Return our own word on a document; "" on one of the ERP's staff."""
    return to.line(row.get(STATE), 10)
