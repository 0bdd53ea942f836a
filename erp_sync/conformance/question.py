"""A question with what goes with it, and the answer that an ERP gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from erp_sync.conformance.sample import PROMISES, CannotAsk, ContractBroken, Sample
from erp_sync.errors import ErpError

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

HELD_BACK = _("It writes into the ERP: add --write, on a copy of the company.")
# What reading a senseless answer can raise inside an adapter.
SENSELESS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)


class Family(TextChoices):
    """What a question is about; a report is in this order."""

    CONNECTION = "connection", _("Connection, version, clock")
    RIGHTS = "rights", _("Rights and fields")
    PRICES = "prices", _("Prices")
    UNITS = "units", _("Units and packs")
    STOCK = "stock", _("Stock per warehouse")
    TOTALS = "totals", _("Tax, rounding, credit")
    PAGING = "paging", _("Paging and the cursor")
    DELETIONS = "deletions", _("Deletions")
    DOCUMENTS = "documents", _("Documents")
    OUTAGE = "outage", _("Outage")
    SPEED = "speed", _("Speed")
    ORDERS = "orders", _("Orders, exactly once")
    QUOTES = "quotes", _("Quotes")
    RETURNS = "returns", _("Returns")
    PAYMENTS = "payments", _("Payments")
    CHANGES = "changes", _("Changes of an order")


class Verdict(TextChoices):
    """How it came out."""

    PASS = "pass", pgettext_lazy("check", "pass")
    FAIL = "fail", pgettext_lazy("check", "fail")
    CANNOT = "cannot", pgettext_lazy("check", "cannot")


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        put: Asks it: raises ContractBroken or CannotAsk, returns what was measured (a sentence) or None.
        family: What it is about.
        advice: What to do when the answer is "fail": one sentence for whoever operates or writes the adapter.
        needs: Name of the flag of `ports.Capabilities` without which it is not asked, "" = always asked.
        instead: What the shop does where the ERP cannot: one sentence.
        writes: It writes into the ERP.
    """

    put: Callable[[Sample], str | None]
    family: Family
    advice: StrOrPromise
    needs: str = ""
    instead: StrOrPromise = ""
    writes: bool = False

    @property
    def name(self) -> str:
        """The function's name: what tests and the JSON report call it."""
        return self.put.__name__

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return str(PROMISES[self.name])

    def answer(self, sample: Sample) -> Answer:
        """Put the question and return the answer; what goes wrong in the adapter is an answer, too."""
        if self.needs and not getattr(sample.erp.capabilities, self.needs):
            lacking = _("This connection does not do it ({flag}).").format(flag=self.needs)
            return Answer(self, Verdict.CANNOT, lacking, str(self.instead))
        started = time.perf_counter()
        verdict, detail = self._asked(sample)
        advice = str(self.advice) if verdict is Verdict.FAIL else ""
        return Answer(self, verdict, detail, advice, round((time.perf_counter() - started) * 1000))

    def not_put(self) -> Answer:
        """Return the answer to a question that was held back because it writes."""
        return Answer(self, Verdict.CANNOT, str(HELD_BACK))

    def _asked(self, sample: Sample) -> tuple[Verdict, str]:
        try:
            return Verdict.PASS, self.put(sample) or ""
        except CannotAsk as reason:
            return Verdict.CANNOT, str(reason)
        except ContractBroken as broken:
            return Verdict.FAIL, str(broken)
        except ErpError as error:
            return Verdict.FAIL, f"{type(error).__name__}: {error}"
        except SENSELESS as error:
            return Verdict.FAIL, _("the adapter failed with {error}").format(error=repr(error))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out of a question.

    Attributes:
        detail: What was measured (pass), what was promised and what came (fail), why it was not asked (cannot).
        advice: What to do about a failure, or what the shop does where the ERP cannot; "" when nothing is to be done.
        ms: How long it took.
    """

    question: Question
    verdict: Verdict
    detail: str
    advice: str = ""
    ms: int = 0
