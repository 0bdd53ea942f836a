"""The words of every event: complete in each language, with numbers as the reader writes them, and plain."""

import re

import pytest
from django.conf import settings
from django.utils import translation

from shop.notices.events import ALL, EVENTS, events_for
from shop.notices.words import LABELS, words_of
from tests.builders.notices import PARAMS

LANGUAGES = [code for code, _name in settings.LANGUAGES]
VARIANTS = [(event.key, variant) for event in ALL for variant in event.variants]


def whole(words: object) -> str:
    return " ".join(str(getattr(words, name)) for name in ("title", "what", "next", "action", "facts"))


def test_every_event_has_a_sample_and_every_fact_a_label() -> None:
    assert set(PARAMS) == set(EVENTS)
    assert {fact for event in ALL for fact in event.facts} <= set(LABELS)
    assert set(events_for("buyer")) | set(events_for("rep")) == set(ALL)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", list(EVENTS))
def test_every_event_is_written_with_nothing_missing(key: str, language: str) -> None:
    with translation.override(language):
        words = words_of(key, PARAMS[key])
        texts = (words.title, words.what, words.next, words.action)
    assert words.title
    assert words.what
    assert words.action
    assert not [text for text in texts if "—" in text], "a param that no sample has"
    assert not re.search(r"%\(|\{\{|\{%|None|\d{4}-\d\d-\d\d", whole(words))
    assert "\n" not in words.title


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("key", "variant"), VARIANTS, ids=[f"{key}-{one.param}-{one.value}" for key, one in VARIANTS])
def test_every_variant_is_written_with_nothing_missing(key: str, variant: object, language: str) -> None:
    param, value = getattr(variant, "param", ""), getattr(variant, "value", None)
    with translation.override(language):
        words = words_of(key, PARAMS[key] | {param: value or "1300.00"})
    assert "—" not in whole(words)
    assert "%(" not in whole(words)


def test_money_and_dates_are_the_readers() -> None:
    with translation.override("es"):
        words = words_of("quote_answered", PARAMS["quote_answered"])
    assert "1.912,40\N{NO-BREAK SPACE}€" in words.title
    assert "31 dic 2026" in whole(words)
    with translation.override("en"):
        words = words_of("quote_answered", PARAMS["quote_answered"])
    assert "€1,912.40" in whole(words)
    assert "31 Dec 2026" in whole(words)


def test_what_was_not_said_is_a_dash_and_what_cannot_be_read_stays_as_it_is() -> None:
    words = words_of("invoice_due", {"number": "2026/1", "due_on": "soon", "amount": "much", "currency": "EUR"})
    assert words.title == "Invoice 2026/1 is due on soon: much"
    assert words_of("order_late", {"number": "P1"}).what.startswith("— of order P1")


def test_a_text_of_the_erp_is_one_line_and_not_longer_than_a_mail_bears() -> None:
    words = words_of("order_rejected", PARAMS["order_rejected"] | {"reason": "No\r\nSubject: x " + "y" * 900})
    assert "\n" not in words.what
    assert len(words.what) < 400


def test_what_was_changed_names_days_as_the_reader_writes_them() -> None:
    with translation.override("es"):
        words = words_of("order_changed", PARAMS["order_changed"])
    assert [value for _label, value in words.facts] == ["A-1042: 10 → 8; 1 dic 2026 → 8 dic 2026"]


def test_a_quantity_has_its_unit_in_the_readers_language() -> None:
    told = {"es": ("12 Caja de 100", "Artículo equivocado"), "en": ("12 Box of 100", "Wrong item")}
    for language, (quantity, reason) in told.items():
        with translation.override(language):
            words = words_of("return_asked", PARAMS["return_asked"])
        assert quantity in words.title
        assert [value for _label, value in words.facts] == ["A-1042", quantity, reason]


@pytest.mark.parametrize(("event", "param"), [("basket_handed_over", "lines"), ("missing_goods", "count")])
def test_one_line_is_not_told_as_1_lines(event: str, param: str) -> None:
    words = words_of(event, PARAMS[event] | {param: "1"})
    assert "lines" not in words.title + words.what
    assert "lines" in (many := words_of(event, PARAMS[event])).title + many.what


def test_lower_than_is_said_only_when_it_is() -> None:
    plain = words_of("order_accepted", PARAMS["order_accepted"])
    lower = words_of("order_accepted", PARAMS["order_accepted"] | {"lower_than": "1300.00"})
    assert "Good news" not in plain.what
    assert lower.what == "Good news: our ERP made order P00049 €1,234.50 instead of the €1,300.00 that you saw."
