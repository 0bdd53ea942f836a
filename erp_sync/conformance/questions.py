"""The list of all questions, in the order of a report."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from erp_sync.conformance import after, ordering, outage, paging, quoting, reading
from erp_sync.conformance.question import Family, Question

_LOOKS_UP: dict[str, Any] = {
    "writes": True,
    "needs": "can_query_reference",
    "instead": _("An order whose answer was lost waits for a person, who looks for its reference in the ERP."),
}
_ENFORCES: dict[str, Any] = {
    "writes": True,
    "needs": "enforces_reference",
    "instead": _("The shop waits until a lost request can no longer take effect, looks it up, then sends again."),
}
_QUOTES: dict[str, Any] = {
    "writes": True,
    "needs": "has_quotes",
    "instead": _("Quotes live in the shop; staff enter accepted ones as orders."),
}
_RETURNS: dict[str, Any] = {
    "writes": True,
    "needs": "has_returns",
    "instead": _("Returns live in the shop; staff enter them in the ERP."),
}
_PAYMENTS: dict[str, Any] = {
    "writes": True,
    "needs": "has_payments",
    "instead": _("Payments are booked by hand from the provider's statement."),
}
_DISCOUNTS: dict[str, Any] = {
    "writes": True,
    "needs": "has_discount_lines",
    "instead": _("The shop makes no offers of its own; promotions of the ERP are shown as ever."),
}
_CHANGES: dict[str, Any] = {
    "writes": True,
    "needs": "has_order_changes",
    "instead": _("A wish to change an order goes to the rep as a message."),
}
_ONCE = _(
    "Write the reference to a field that is unique in the ERP, or set enforces_reference to False; look it up before "
    'sending again, and call an answer that was lost unclear, never "nothing sent".'
)
_EXACT = _("It must come out of the ERP as it went in: compare the adapter's mapping of lines, units and prices.")
_PRICE = _(
    "Do not go live: the shop would show wrong prices in silence. Look which part of the agreement the call leaves out "
    "(price list, customer group, quantity in stock units, date), and compare with the ERP's own order form."
)
_CURSOR = _("Compare with >= by the ERP's own clock and zone; order by what the cursor holds; never page by offset.")
_WORDS = _("Raise ErpRejected with the ERP's own sentence, without its traceback, and confirm nothing.")

ALL: tuple[Question, ...] = (
    Question(
        reading.it_answers_and_knows_the_time,
        Family.CONNECTION,
        _("Check ERP_URL, ERP_DATABASE, ERP_USER and ERP_PASSWORD; let both machines keep their time by NTP."),
    ),
    Question(
        reading.what_the_adapter_needs_is_there,
        Family.RIGHTS,
        _("Give the ERP's user the rights named, or install the module that brings the field."),
    ),
    Question(reading.prices_are_those_of_each_agreement, Family.PRICES, _PRICE),
    Question(reading.an_agreement_changes_the_price, Family.PRICES, _PRICE),
    Question(
        reading.a_batch_answers_what_single_calls_answer,
        Family.PRICES,
        _("A batch must give each line the price of its own quantity: send lines that do not add up."),
    ),
    Question(
        reading.an_unknown_item_is_not_for_sale,
        Family.PRICES,
        _("Answer is_salable False for what the ERP does not sell; one bad item must not fail the page."),
    ),
    Question(
        reading.a_ladder_is_what_its_steps_cost,
        Family.PRICES,
        _("Read the steps from where the ERP itself reads them; ask with the quantity in stock units too."),
    ),
    Question(
        reading.a_price_has_the_customers_currency_and_four_decimals,
        Family.PRICES,
        _("Round unit prices to 4 decimals, never use floats, and ask in the customer's currency."),
    ),
    Question(
        reading.units_are_those_of_the_item,
        Family.UNITS,
        _("Price and stock must be per the item's sales unit; convert by the ERP's own factors."),
    ),
    Question(
        reading.what_may_be_ordered_is_said_in_the_sales_unit,
        Family.UNITS,
        _("Say least quantity and step in the sales unit, None where the item is free."),
    ),
    Question(
        reading.stock_of_warehouses_adds_up,
        Family.STOCK,
        _("Name each warehouse once, and take reservations off what can be promised."),
    ),
    Question(
        reading.totals_add_up_and_write_nothing,
        Family.TOTALS,
        _("Ask the ERP for the totals of an unsaved order; what it adds (freight) must be told apart."),
    ),
    Question(
        reading.credit_is_said,
        Family.TOTALS,
        _("Give the ERP's user the right to read the receivables."),
        needs="has_credit",
        instead=_("The shop shows no credit, and the ERP decides when the order arrives."),
    ),
    Question(paging.small_pages_see_everything_once, Family.PAGING, _CURSOR),
    Question(paging.a_change_of_the_same_instant_is_seen_again, Family.PAGING, _CURSOR),
    Question(
        paging.versions_are_of_the_erps_clock,
        Family.PAGING,
        _("Read the ERP's times in its own zone (Capabilities.timezone) and make them aware UTC."),
    ),
    Question(
        paging.what_is_gone_is_no_key,
        Family.DELETIONS,
        _(
            "Let keys() read the ERP afresh, with the same filter as the pull, archived records included in both or "
            "none."
        ),
    ),
    Question(
        reading.an_invoice_prints_as_pdf,
        Family.DOCUMENTS,
        _("Let the ERP print an invoice by hand: its report or PDF tool may not be installed."),
        needs="has_pdf",
        instead=_("The shop shows the invoice's lines without a paper of the ERP."),
    ),
    Question(
        outage.a_short_time_is_kept,
        Family.OUTAGE,
        _("Pass one Deadline through every request of the operation; wait for nothing without it."),
    ),
    Question(
        outage.a_bad_line_is_told_as_what_it_is,
        Family.OUTAGE,
        _("Let the errors of erp_sync.http through; raise ErpBroken for an answer whose shape is wrong."),
    ),
    Question(
        outage.a_page_is_priced_in_time,
        Family.SPEED,
        _("Price a page in one call; see whether the ERP has free workers, and is near."),
    ),
    Question(
        outage.the_declared_batch_is_efficient,
        Family.SPEED,
        _("Set Capabilities.batch_size to the best size measured."),
    ),
    Question(
        ordering.totals_equal_the_order_to_the_cent,
        Family.TOTALS,
        _("Correct Capabilities.rounding and .halves, or the tax settings of the company in the ERP."),
        **_LOOKS_UP,
    ),
    Question(ordering.an_order_comes_whole, Family.ORDERS, _EXACT, **_LOOKS_UP),
    Question(ordering.the_same_reference_twice_is_one_order, Family.ORDERS, _ONCE, **_LOOKS_UP),
    Question(ordering.the_same_reference_in_parallel_is_one_order, Family.ORDERS, _ONCE, **_ENFORCES),
    Question(ordering.a_line_cut_at_any_step_leaves_one_order, Family.ORDERS, _ONCE, **_LOOKS_UP),
    Question(ordering.what_never_left_is_told_so, Family.ORDERS, _ONCE, **_LOOKS_UP),
    Question(ordering.over_the_limit_is_refused_in_the_erps_words, Family.ORDERS, _WORDS, **_LOOKS_UP),
    Question(
        ordering.more_than_the_buyer_accepted_is_not_confirmed,
        Family.ORDERS,
        _("Compare the ERP's total with expected_total before the order is confirmed."),
        **_LOOKS_UP,
    ),
    Question(
        ordering.a_discount_of_the_shop_stands_on_the_order_to_the_cent,
        Family.ORDERS,
        _("Write the discount as lines of their own, taxed as the goods, count them in totals, pull them as discount."),
        **_DISCOUNTS,
    ),
    Question(ordering.an_unconfirmed_order_can_be_cancelled, Family.ORDERS, _WORDS, **_LOOKS_UP),
    Question(
        ordering.a_new_order_is_pulled_with_its_channel,
        Family.ORDERS,
        _("Write the reference and the channel to fields that the pull reads."),
        writes=True,
    ),
    Question(paging.nothing_is_missed_while_others_write, Family.PAGING, _CURSOR, writes=True),
    Question(quoting.a_request_is_one_draft, Family.QUOTES, _ONCE, **_QUOTES),
    Question(quoting.an_answer_is_kept_exactly, Family.QUOTES, _EXACT, **_QUOTES),
    Question(quoting.an_acceptance_is_one_order_at_the_quoted_prices, Family.QUOTES, _EXACT, **_QUOTES),
    Question(quoting.two_who_accept_make_one_order, Family.QUOTES, _ONCE, **_QUOTES),
    Question(quoting.chosen_lines_alone_are_ordered, Family.QUOTES, _EXACT, **_QUOTES),
    Question(quoting.a_declined_quote_stays_declined, Family.QUOTES, _WORDS, **_QUOTES),
    Question(
        quoting.a_quote_that_is_not_there_yet_is_waited_for,
        Family.QUOTES,
        _("Raise ErpUnavailable with nothing_sent when the request of a quote has not arrived yet."),
        **_QUOTES,
    ),
    Question(after.a_return_is_asked_for_once, Family.RETURNS, _ONCE, **_RETURNS),
    Question(after.a_payment_is_allocated_exactly_and_once, Family.PAYMENTS, _ONCE, **_PAYMENTS),
    Question(
        after.too_much_money_is_refused_whole,
        Family.PAYMENTS,
        _("Check every allocation before the first one is written."),
        **_PAYMENTS,
    ),
    Question(after.a_reversed_payment_leaves_the_invoice_open, Family.PAYMENTS, _EXACT, **_PAYMENTS),
    Question(
        after.a_credit_note_helps_to_pay,
        Family.PAYMENTS,
        _EXACT,
        writes=True,
        needs="settles_credit_notes",
        instead=_("Credit notes are paid out or settled by staff."),
    ),
    Question(after.a_confirmed_order_is_changed_as_allowed, Family.CHANGES, _EXACT, **_CHANGES),
    Question(after.one_line_is_let_go, Family.CHANGES, _EXACT, **_CHANGES),
    Question(after.an_order_is_cancelled_while_allowed, Family.CHANGES, _WORDS, **_CHANGES),
    Question(after.what_is_on_its_way_cannot_be_cancelled, Family.CHANGES, _WORDS, **_CHANGES),
)
