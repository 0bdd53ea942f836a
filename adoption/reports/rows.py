"""The rows behind a figure, in words: each kind of row says what it is, whose, when, through which channel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext as _

from adoption.metrics.book import source_of
from adoption.metrics.conversion import session_key
from adoption.metrics.facts import Book, Event, Order
from adoption.reports import blocks as b
from adoption.reports import figures as f
from adoption.reports.behind import Behind
from adoption.reports.figures import Figure, Reading
from adoption.reports.numbers import Numbers
from adoption.reports.words import days_word, hour_word, reason_word, source_word, topic_word, unit_text

# What a row says: itself, customer, day, channel, value.
Told = tuple[b.Value, b.Value, b.Value, b.Value, b.Value]
Teller = Callable[[str], Told]
# A table holds so many rows, its file too.
MOST = 20_000


def rows_of(found: Behind, figure: Figure, reading: Reading, *, says: Reading) -> b.Table:
    """Return the rows behind a figure, the latest first, those that count marked, and what they add up to.

    `says`: the figure itself, of the whole period, from the sums or from the same facts.
    """
    counted, tell = set(reading.part_rows), _teller(found.numbers, figure)
    told = [(key, tell(key)) for key in _first(reading.whole_rows, counted)]
    told.sort(key=lambda pair: _on(pair[1]), reverse=True)
    only = _which(found, len(told), len(reading.whole_rows)) or _lacking(figure, reading, says)
    table = b.Table(
        key="rows",
        title=_("The rows behind it"),
        code="",
        columns=(
            b.Column(_("Row")),
            b.Column(_("Counts")),
            b.Column(_("Customer")),
            b.Column(_("Date"), b.DATE),
            b.Column(_("Channel"), b.CHANNEL),
            b.Column(_("Value"), figure.adds.unit if figure.adds else b.MONEY),
            b.Column(_("Remark")),
        ),
        rows=tuple(_row(one, counts=key in counted, remark=reading.per_row.get(key, "")) for key, one in told),
        total=_total([one for key, one in told if key in counted], len(told), of_these=bool(only)),
        empty=_("Nothing to count in this period. Choose a longer one."),
        only=only,
    )
    return _without_empty(table)


def _first(keys: Sequence[str], counted: Collection[str]) -> Sequence[str]:
    """Return as many rows as a table can hold, those that count first when they are more."""
    return keys if len(keys) <= MOST else sorted(keys, key=lambda key: key not in counted)[:MOST]


def _which(found: Behind, shown: int, there_are: int) -> b.Text:
    """Say which rows these are, when they are not all of the period's."""
    said = []
    if found.is_cut:
        said.append(
            _(
                "Rows of %(days)s only: the whole period has too many to list. Choose a shorter one, or one customer, "
                "to see the others. The figure itself and its months are of the whole period."
            )
            % {"days": days_word(found.period.first, found.period.last)}
        )
    if shown < there_are:
        said.append(
            _("The first %(shown)s of %(all)s rows, those that count before the others.")
            % {"shown": unit_text(shown, b.COUNT, ""), "all": unit_text(there_are, b.COUNT, "")}
        )
    return " ".join(said)


def _on(told: Told) -> dt.date:
    day = told[2]
    return day if isinstance(day, dt.date) else dt.date.min


def _lacking(figure: Figure, reading: Reading, says: Reading) -> b.Text:
    """Say when the rows are not as many as the figure counts: the sums outlive the events that they are made of."""
    there_are = Decimal(len(reading.part_rows)), Decimal(len(reading.whole_rows))
    if (figure.unit, figure.of_unit) != (f.SHARE, f.NUMBER) or there_are == (says.part, says.whole):
        return ""
    return _(
        "These are not the rows of the whole figure: events are deleted after the agreed time, and what came or "
        "changed just now is not in the figure yet."
    )


def _total(counted: Sequence[Told], whole: int, *, of_these: bool) -> b.Row:
    """Return how many of all rows count, and what those are worth together."""
    values = [one[-1] for one in counted if isinstance(one[-1], Decimal)]
    worth = sum(values, Decimal(0)) if values else None
    name = _("Counted, of these rows") if of_these else _("Counted, of all")
    return b.Row((name, f"{len(counted)} / {whole}", None, None, None, worth, None))


def left_out_of(behind: Behind, figure: Figure) -> list[b.Table]:
    """Return the rows that a figure leaves out, each with the reason; none where they are not known one by one."""
    found = list(figure.leaves_out(behind.numbers, behind.period)) if figure.leaves_out else []
    if not found:
        return []
    tellers = {kind: TELLERS[kind](behind.numbers.book) for kind in {one.kind for one in found}}
    table = b.Table(
        key="left-out",
        title=_("Left out"),
        code="",
        columns=(
            b.Column(_("Row")),
            b.Column(_("Reason")),
            b.Column(_("Customer")),
            b.Column(_("Date"), b.DATE),
            b.Column(_("Channel"), b.CHANNEL),
        ),
        rows=tuple(_excluded(tellers[one.kind](one.key), one.reason) for one in found),
        only="" if all(one.kind == f.ACCOUNT for one in found) else _which(behind, len(found), len(found)),
    )
    return [_without_empty(table)]


def _excluded(told: Told, reason: str) -> b.Row:
    name, customer, on, channel, _value = told
    return b.Row((name, reason_word(reason), customer, on, channel))


def _teller(numbers: Numbers, figure: Figure) -> Teller:
    """Return what tells a row of a figure; with what it adds to the figure where that is not its own value."""
    tell = TELLERS[figure.rows](numbers.book)
    if figure.adds is None:
        return tell
    adds = figure.adds.of(numbers)
    return lambda key: (*tell(key)[:-1], adds(key))


def _without_empty(table: b.Table) -> b.Table:
    """Leave out the columns that these rows have nothing to say in."""
    if not table.rows:
        return replace(table, total=None)
    said = [at for at in range(len(table.columns)) if any(row.values[at] not in {None, ""} for row in table.rows)]
    return replace(
        table,
        columns=tuple(table.columns[at] for at in said),
        rows=tuple(_only(row, said) for row in table.rows),
        total=None if table.total is None else _only(table.total, said),
    )


def _only(row: b.Row, places: Sequence[int]) -> b.Row:
    return replace(row, values=tuple(row.values[at] for at in places))


def _row(told: Told, *, counts: bool, remark: str) -> b.Row:
    name, customer, on, channel, value = told
    return b.Row((name, _("yes") if counts else _("no"), customer, on, channel, value, hour_word(remark)))


def _accounts(book: Book) -> Teller:
    return lambda key: (book.name_of(key), None, None, None, None)


def _orders(book: Book) -> Teller:
    orders = {order.key: order for order in book.all_orders}
    return lambda key: _order(book, orders.get(key), key)


def _order(book: Book, order: Order | None, key: str) -> Told:
    if order is None:
        return key, None, None, None, None
    return order.label or key, book.name_of(order.account_id), order.placed_on, order.channel, order.value


def _lines(book: Book) -> Teller:
    def tell(key: str) -> Told:
        order_id, _slash, line_no = key.rpartition("/")
        order = book.order_of_id.get(order_id)
        name, customer, on, channel, _value = _order(book, order, order_id)
        return f"{name} / {line_no}", customer, on, channel, None

    return tell


def _invoices(book: Book) -> Teller:
    invoices = {one.invoice_id: one for one in book.invoices}

    def tell(key: str) -> Told:
        one = invoices.get(key)
        if one is None:
            return key, None, None, None, None
        channel = book.channel_of(one.order_id)
        value = book.converted(one.total, one.currency, one.invoiced_on) if one.total and one.invoiced_on else None
        return one.label or key, book.name_of(one.account_id), one.invoiced_on, channel, value

    return tell


def _quotes(book: Book) -> Teller:
    quotes = {one.quote_id: one for one in book.quotes}
    return lambda key: (key, book.name_of(quotes[key].account_id), book.day(quotes[key].requested_at), None, None)


def _enquiries(book: Book) -> Teller:
    enquiries = {one.enquiry_id: one for one in book.enquiries}

    def tell(key: str) -> Told:
        one = enquiries[key]
        return topic_word(one.topic), book.name_of(one.account_id), book.day(one.occurred_at), one.medium, None

    return tell


def _leads(book: Book) -> Teller:
    leads = {one.lead_id: one for one in book.leads}

    def tell(key: str) -> Told:
        one = leads[key]
        return source_word(one.source), book.name_of(one.account_id), book.day(one.created_at), None, None

    return tell


def _answers(book: Book) -> Teller:
    events = {one.event_id: one for one in _of_surveys(book)}

    def tell(key: str) -> Told:
        one = events[key]
        score = one.props.get("score") or one.props.get("found") or ""
        return str(score), book.name_of(one.account_id), book.day(one.occurred_at), None, None

    return tell


def _sessions(book: Book) -> Teller:
    starts = {session_key(one): one for one in book.events_of("session_start")}

    def tell(key: str) -> Told:
        one = starts.get(key)
        if one is None:
            return key, None, None, None, None
        return source_word(source_of(one)), book.name_of(one.account_id), book.day(one.occurred_at), None, None

    return tell


def _of_surveys(book: Book) -> Iterable[Event]:
    return book.events_of("survey_answered")


TELLERS: dict[str, Callable[[Book], Teller]] = {
    f.ACCOUNT: _accounts,
    f.ORDER: _orders,
    f.LINE: _lines,
    f.INVOICE: _invoices,
    f.QUOTE: _quotes,
    f.ENQUIRY: _enquiries,
    f.LEAD: _leads,
    f.ANSWER: _answers,
    f.SESSION: _sessions,
}
