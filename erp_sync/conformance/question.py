"""A question with what goes with it, and the answer that an ERP gives."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from erp_sync.conformance.sample import CannotAsk, ContractBroken, Sample
from erp_sync.errors import ErpError

NOT_OFFERED = "This connection does not do it"
HELD_BACK = "It writes into the ERP: add --write, on a copy of the company."
# What reading a senseless answer can raise inside an adapter.
SENSELESS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, RecursionError)


class Family(StrEnum):
    """What a question is about; a report is in this order."""

    CONNECTION = "Connection, version, clock"
    RIGHTS = "Rights and fields"
    PRICES = "Prices"
    UNITS = "Units and packs"
    STOCK = "Stock per warehouse"
    TOTALS = "Tax, rounding, credit"
    PAGING = "Paging and the cursor"
    DELETIONS = "Deletions"
    DOCUMENTS = "Documents"
    OUTAGE = "Outage"
    SPEED = "Speed"
    ORDERS = "Orders, exactly once"
    QUOTES = "Quotes"
    RETURNS = "Returns"
    PAYMENTS = "Payments"
    CHANGES = "Changes of an order"


class Verdict(StrEnum):
    """How it came out."""

    PASS = "pass"  # noqa: S105 (no secret)
    FAIL = "fail"
    CANNOT = "cannot"


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
    advice: str
    needs: str = ""
    instead: str = ""
    writes: bool = False

    @property
    def name(self) -> str:
        """The function's name: what tests and the JSON report call it."""
        return self.put.__name__

    @property
    def promise(self) -> str:
        """What is promised, in a sentence."""
        return (self.put.__doc__ or self.name).strip().splitlines()[0]

    def answer(self, sample: Sample) -> Answer:
        """Put the question and return the answer; what goes wrong in the adapter is an answer, too."""
        if self.needs and not getattr(sample.erp.capabilities, self.needs):
            return Answer(self, Verdict.CANNOT, f"{NOT_OFFERED} ({self.needs}).", self.instead)
        started = time.perf_counter()
        verdict, detail = self._asked(sample)
        advice = self.advice if verdict is Verdict.FAIL else ""
        return Answer(self, verdict, detail, advice, round((time.perf_counter() - started) * 1000))

    def not_put(self) -> Answer:
        """Return the answer to a question that was held back because it writes."""
        return Answer(self, Verdict.CANNOT, HELD_BACK)

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
            return Verdict.FAIL, f"the adapter failed with {error!r}"


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
