"""Who gets what of a payment, to the cent."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.payments.allocate import Due, oldest_credits, plan
from shop.payments.errors import PaymentRefused

TODAY = dt.date(2026, 3, 31)
CENTS = st.integers(1, 10_000_000).map(lambda cents: Decimal(cents) / 100)


def due(number: str, amount: str | Decimal, **facts: object) -> Due:
    known: dict[str, object] = {"erp_id": f"id-{number}", "number": number, "currency": "EUR", "due": Decimal(amount)}
    return Due(**({"free": Decimal(amount)} | known | facts))  # type: ignore[arg-type]


@st.composite
def asks(draw: st.DrawFn) -> tuple[list[Due], dict[str, Decimal], list[Due]]:
    """Draw invoices, what is wished of some of them, and credit notes."""
    invoices, wished = [], {}
    for at in range(draw(st.integers(1, 20))):
        amount = draw(CENTS)
        discount = min(draw(CENTS), amount)
        until = TODAY + dt.timedelta(days=draw(st.integers(-2, 2)))
        one = due(f"F{at}", amount, discount=discount, discount_until=until)
        invoices.append(one)
        if draw(st.booleans()):
            wished[one.erp_id] = Decimal(draw(st.integers(1, int(amount * 100)))) / 100
    notes = [due(f"C{at}", draw(CENTS), is_credit=True) for at in range(draw(st.integers(0, 4)))]
    return invoices, wished, notes


@given(asks())
def test_the_parts_are_the_amount_to_the_cent(ask: tuple[list[Due], dict[str, Decimal], list[Due]]) -> None:
    invoices, wished, notes = ask
    bare = plan(invoices=invoices, wished=wished, today=TODAY)
    used = oldest_credits(credit_notes=notes, invoices=invoices, budget=bare.amount)
    made = plan(invoices=invoices, wished=wished, credit_notes=used, today=TODAY)
    assert sum(one.money for one in made.invoices) - sum(one.money for one in made.credits) == made.amount
    assert made.amount > 0
    assert made.amount == round(made.amount, 2)
    for part in made.invoices:
        assert part.settled == wished.get(part.document.erp_id, part.document.due)
        assert 0 < part.money <= part.settled <= part.document.due
        assert part.discount == 0 or part.settled == part.document.due
    assert made.settled - made.discount - made.credit == made.amount


@given(asks(), st.decimals(allow_nan=True, allow_infinity=True))
def test_whatever_is_wished_never_more_than_is_due_is_paid(
    ask: tuple[list[Due], dict[str, Decimal], list[Due]], wish: Decimal
) -> None:
    invoices, _wished, _notes = ask
    first = invoices[0]
    try:
        made = plan(invoices=invoices, wished={first.erp_id: wish}, today=TODAY)
    except PaymentRefused:
        return
    assert 0 < made.invoices[0].settled == wish <= first.due
    assert wish == round(wish, 2)


def test_a_discount_is_granted_in_time_for_the_whole_only() -> None:
    one = due("F1", "100.00", discount=Decimal("2.00"), discount_until=TODAY)
    assert plan(invoices=[one], wished={}, today=TODAY).amount == Decimal("98.00")
    assert plan(invoices=[one], wished={}, today=TODAY + dt.timedelta(days=1)).amount == 100
    assert plan(invoices=[one], wished={one.erp_id: Decimal(99)}, today=TODAY).amount == 99
    assert plan(invoices=[one], wished={}, today=TODAY, with_discount=False).amount == 100
    half_held = due("F1", "100.00", free=Decimal(50), discount=Decimal("2.00"), discount_until=TODAY)
    assert plan(invoices=[half_held], wished={}, today=TODAY).amount == 50


def test_currencies_are_refused_together_and_the_sentence_names_them() -> None:
    with pytest.raises(PaymentRefused, match="CLP, EUR"):
        plan(invoices=[due("F1", "1"), due("F2", "900", currency="CLP")], wished={}, today=TODAY)


def test_pesos_have_no_cents() -> None:
    with pytest.raises(PaymentRefused, match="more decimals"):
        plan(invoices=[due("F1", "900", currency="CLP")], wished={"id-F1": Decimal("10.50")}, today=TODAY)


def test_credit_notes_must_leave_something_to_pay() -> None:
    note = due("C1", "100.00", is_credit=True)
    with pytest.raises(PaymentRefused, match="worth as much"):
        plan(invoices=[due("F1", "100.00")], wished={}, credit_notes=[note], today=TODAY)
    assert oldest_credits(credit_notes=[note], invoices=[due("F1", "100.00")], budget=Decimal(100)) == []


def test_the_oldest_credit_notes_that_fit_are_used_whole() -> None:
    notes = [
        due("C2", "30.00", is_credit=True, invoiced_on=dt.date(2026, 2, 1)),
        due("C1", "90.00", is_credit=True, invoiced_on=dt.date(2026, 1, 1)),
        due("C3", "5.00", is_credit=True, invoiced_on=dt.date(2026, 3, 1)),
        due("C4", "1.00", is_credit=True, currency="USD"),
    ]
    used = oldest_credits(credit_notes=notes, invoices=[due("F1", "100.00")], budget=Decimal(100))
    assert [one.number for one in used] == ["C1", "C3"]


def test_what_is_being_paid_is_refused_and_said() -> None:
    with pytest.raises(PaymentRefused, match="F1 is already being paid"):
        plan(invoices=[due("F1", "100.00", free=Decimal(0))], wished={}, today=TODAY)


def test_a_hundred_documents_are_the_most() -> None:
    with pytest.raises(PaymentRefused, match="at most 100"):
        plan(invoices=[due(f"F{at}", "1") for at in range(101)], wished={}, today=TODAY)
