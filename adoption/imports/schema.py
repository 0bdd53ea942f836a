"""The files of the canonical schema: columns, keys, what refers to what, what can't be (docs/metrics.md, "Files")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adoption.imports import cells
from adoption.imports.cells import Cell, Whole

# The type of a staged column by what reads it; texts need none.
TYPES: dict[Cell, str] = {
    cells.truth: "boolean",
    cells.day: "date",
    cells.instant: "timestamptz",
    cells.number: "numeric",
    cells.positive: "numeric",
    cells.rate: "numeric",
    cells.clock: "time",
    cells.props: "jsonb",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `default` stands for an empty cell; a needed one has none."""

    name: str
    read: Cell
    is_needed: bool = True
    default: object = None

    @property
    def type(self) -> str:
        """Its type in the database."""
        return "bigint" if isinstance(self.read, Whole) else TYPES.get(self.read, "text")


@dataclass(frozen=True, slots=True)
class Refers:
    """These columns name a row of another file, or one that is known already.

    Attributes:
        known: SQL that finds it among the rows known; `r` is the row that refers.
    """

    columns: tuple[str, ...]
    file: str
    key: tuple[str, ...]
    known: str


@dataclass(frozen=True, slots=True)
class Never:
    """SQL that is true for a row that can't be, the column to blame, and why."""

    condition: str
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class File:
    """One file. Rows with the same `key` are the same fact."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    refers: tuple[Refers, ...] = ()
    never: tuple[Never, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(column.name for column in self.columns)


def _key(name: str, limit: int = 64) -> Column:
    return Column(name, cells.text(limit))


def _maybe(name: str, read: Cell, default: object = None) -> Column:
    return Column(name, read, is_needed=False, default=default)


def _note(name: str, limit: int = 64) -> Column:
    return Column(name, cells.text(limit), is_needed=False, default="")


def _money(name: str) -> Column:
    return Column(name, cells.number)


def _account(column: str = "account_id") -> Refers:
    known = f"SELECT 1 FROM accounts_soldto k WHERE k.erp_id = r.{column}"
    return Refers((column,), "accounts", ("account_id",), known)


def _user(column: str) -> Refers:
    known = f"SELECT 1 FROM accounts_user k WHERE k.person_key = r.{column}::uuid"
    return Refers((column,), "users", ("user_id",), known)


def _order(column: str = "order_id") -> Refers:
    known = f"SELECT 1 FROM erp_sync_order k WHERE k.erp_id = r.{column}"
    return Refers((column,), "orders", ("order_id",), known)


def _order_line(line: str) -> Refers:
    known = f"SELECT 1 FROM erp_sync_orderline k WHERE k.erp_id = r.order_id || ':' || r.{line}"
    return Refers(("order_id", line), "order_lines", ("order_id", "line_no"), known)


INVOICE = Refers(
    ("invoice_id",), "invoices", ("invoice_id",), "SELECT 1 FROM erp_sync_invoice k WHERE k.erp_id = r.invoice_id"
)
ITEM_TYPE = Column("item_type", cells.choice("goods", "service", "discount", "freight"))
LINE_NO = Whole(0, 2_000_000_000)
ACTORS = ("buyer", "rep", "staff", "system", "bot")


FILES: tuple[File, ...] = (
    File(
        "accounts",
        (
            _key("account_id"), Column("name", cells.text(200), is_needed=False, default=""),
            _maybe("country", cells.country, ""), _note("calendar"), _maybe("timezone", cells.zone, ""),
            _maybe("currency", cells.currency, ""), _maybe("strategic", cells.truth, default=False),
            _maybe("is_test", cells.truth, default=False), _maybe("online_enabled_from", cells.day),
            _maybe("online_enabled_to", cells.day), _maybe("rep_user_id", cells.person, ""),
        ),
        ("account_id",),
        (_user("rep_user_id"),),
        (Never("online_enabled_to < online_enabled_from", "online_enabled_to", "it ends before it begins"),),
    ),
    File(
        "users",
        (
            Column("user_id", cells.person), _note("account_id"), Column("role", cells.choice("buyer", "rep", "staff")),
            _maybe("is_test", cells.truth, default=False),
        ),
        ("user_id",),
        (_account(),),
    ),
    File(
        "orders",
        (
            _key("order_id", 50), _note("shop_ref", 40), _note("account_id"),
            Column("entry", cells.choice("shop", "erp")), _maybe("erp_source", cells.word, ""),
            _maybe("via", cells.choice("web", "punchout"), ""),
            _maybe("submitted_by", cells.person, ""), _maybe("impersonator_id", cells.person, ""), _note("quote_id"),
            _note("session_id"), Column("placed_at", cells.instant), _maybe("time_known", cells.truth, default=True),
            Column("status", cells.choice("draft", "open", "completed", "cancelled", "rejected")),
            Column("currency", cells.currency), _maybe("is_test", cells.truth, default=False),
        ),
        ("order_id",),
        (_account(), _user("submitted_by"), _user("impersonator_id")),
    ),
    File(
        "order_lines",
        (
            _key("order_id", 50), Column("line_no", LINE_NO), _note("sku"), ITEM_TYPE,
            Column("qty_ordered", cells.positive), _maybe("qty_cancelled", cells.positive, 0),
            _maybe("list_price", cells.number), _money("net_price"), _maybe("unit_cost", cells.number),
            _maybe("promised_date", cells.day),
        ),
        ("order_id", "line_no"),
        (_order(),),
        (Never("qty_cancelled > qty_ordered", "qty_cancelled", "more was cancelled than ordered"),),
    ),
    File(
        "deliveries",
        (
            _key("delivery_id"), _key("order_id", 50), Column("line_no", LINE_NO), Column("qty", cells.positive),
            _maybe("shipped_date", cells.day), _maybe("delivered_date", cells.day),
        ),
        ("delivery_id", "order_id", "line_no"),
        (_order_line("line_no"),),
        (Never(
            "EXISTS (SELECT 1 FROM {stage} o WHERE o.delivery_id = r.delivery_id AND (o.shipped_date, o.delivered_date)"
            " IS DISTINCT FROM (r.shipped_date, r.delivered_date))",
            "delivery_id", "the same delivery has other dates in another line",
        ),),
    ),
    File(
        "invoices",
        (
            _key("invoice_id", 50), Column("kind", cells.choice("invoice", "credit")), _note("order_id"),
            _note("account_id"), Column("invoice_date", cells.day), Column("currency", cells.currency),
            _money("total"), _maybe("paid_at", cells.instant),
        ),
        ("invoice_id",),
        (_account(), _order()),
    ),
    File(
        "invoice_lines",
        (
            _key("invoice_id", 50), Column("line_no", LINE_NO), _note("order_id", 50), _note("order_line_no", 10),
            ITEM_TYPE, Column("qty", cells.positive), _maybe("list_price", cells.number), _money("net_price"),
            _maybe("unit_cost", cells.number),
        ),
        ("invoice_id", "line_no"),
        (INVOICE, _order()),
    ),
    File(
        "payments",
        (
            _key("payment_id"), _key("invoice_id"), Column("paid_at", cells.instant), _money("amount"),
            Column("currency", cells.currency), Column("via", cells.choice("web", "bank", "cash")),
            Column("status", cells.choice("succeeded", "reversed")),
        ),
        ("payment_id",),
        (INVOICE,),
    ),
    File(
        "events",
        (
            _key("event_id", 120), Column("occurred_at", cells.instant), _key("kind", 40), _note("session_id"),
            _note("account_id"), _maybe("user_id", cells.person, ""), Column("actor", cells.choice(*ACTORS)),
            _maybe("impersonator_id", cells.person, ""), _note("object_type", 40), _note("object_id"),
            _maybe("props", cells.props, "{}"),
        ),
        ("event_id",),
        (_account(),),
    ),
    File(
        "quotes",
        (
            _key("quote_id"), _key("account_id"), Column("requested_at", cells.instant),
            _maybe("requested_by", cells.person, ""), _maybe("first_response_at", cells.instant),
            Column("status", cells.choice("open", "won", "lost", "expired", "withdrawn")),
            _maybe("decided_at", cells.instant), _note("order_id"),
        ),
        ("quote_id",),
        (_account(), _order()),
        (Never("first_response_at < requested_at", "first_response_at", "it was answered before it was asked"),),
    ),
    File(
        "enquiries",
        (
            _key("enquiry_id"), _key("account_id"), Column("occurred_at", cells.instant),
            Column("medium", cells.choice("phone", "email", "visit", "fax", "chat")),
            Column("topic", cells.choice("order_status", "invoice", "return", "price", "product")),
            Column("intent", cells.choice("service", "sales")),
        ),
        ("enquiry_id",),
        (_account(),),
    ),
    File(
        "leads",
        (
            _key("lead_id"), Column("created_at", cells.instant), _key("source", 40), _key("identity_key", 254),
            _note("account_id"),
        ),
        ("lead_id",),
        (_account(),),
    ),
    # Costs have no id: equal rows are one cost, different ones of a day, channel and kind are added.
    File(
        "costs",
        (Column("date", cells.day), _key("channel", 20), _note("kind", 40), _money("amount"),
         Column("currency", cells.currency)),
        ("date", "channel", "kind", "currency", "amount"),
    ),
    File(
        "plans",
        (Column("year", Whole(1, 9999)), _key("metric", 40), _key("scope", 40), Column("amount", cells.positive)),
        ("year", "metric", "scope"),
    ),
    File(
        "goals",
        (_key("goal_id"), _key("metric", 80), _money("baseline"), _money("target"), Column("start", cells.day),
         Column("due", cells.day)),
        ("goal_id",),
        never=(Never("due <= start", "due", "the goal is due before it begins"),),
    ),
    File(
        "fx",
        (Column("currency", cells.currency), Column("date", cells.day), Column("rate", cells.rate)),
        ("currency", "date"),
    ),
    File(
        "calendars",
        (_key("calendar"), Column("weekday", Whole(1, 7)), Column("open", cells.clock), Column("close", cells.clock)),
        ("calendar", "weekday", "open"),
        never=(Never("close <= open", "close", "it closes before it opens"),),
    ),
    File(
        "holidays",
        (_key("calendar"), Column("date", cells.day), _note("name", 120)),
        ("calendar", "date", "name"),
    ),
)  # fmt: skip
BY_NAME = {file.name: file for file in FILES}


def columns_missing(file: File, header: Sequence[str]) -> list[str]:
    """Return the columns that a header lacks."""
    return [name for name in file.names if name not in header]
