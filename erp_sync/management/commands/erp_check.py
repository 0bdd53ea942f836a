"""Put the questions of the adapter kit to the ERP that the settings name, and say what to do.

manage.py erp_check                              reads only: nothing is written
manage.py erp_check --prices confirmed.csv       compares prices your staff confirmed (customer,item,quantity,price)
manage.py erp_check --write                      also orders, quotes, returns, payments: on a copy of the company only
manage.py erp_check --report check.html          keeps the report (.html, .json or .txt)
manage.py erp_check --language es                says it in Spanish
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from erp_sync import adapters
from erp_sync.conformance import confirmed, guard, questions, report
from erp_sync.conformance.live import LiveSample
from erp_sync.conformance.question import Answer, Question
from erp_sync.errors import ErpError, ErpMisconfigured, ErpUnavailable
from erp_sync.ports import Erp

WRITERS = {".html": report.as_html, ".json": report.as_json}


class Command(BaseCommand):
    """See the module."""

    help = "Asks the ERP what it can do and whether its answers are right; writes nothing without --write."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("--write", action="store_true", help="also put the questions that write into the ERP")
        parser.add_argument("--noinput", action="store_true", help="with --write: do not ask whether it is a copy")
        parser.add_argument("--report", type=Path, metavar="FILE", help="keep the report: .html, .json or .txt")
        parser.add_argument(
            "--prices", type=Path, metavar="FILE", help="confirmed prices: customer,item,quantity,price"
        )
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            default=settings.LANGUAGE_CODE,
            help="of the report (what the ERP itself says stays as it is)",
        )
        parser.add_argument("--customer", default="", metavar="NUMBER", help="the customer to ask for")
        parser.add_argument("--only", nargs="+", default=[], metavar="question", help="only these questions")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with an error when a promise is broken."""
        with translation.override(options["language"]):
            self._handle(options)

    def _handle(self, options: dict[str, Any]) -> None:
        chosen = _chosen(options["only"])
        if options["write"] and not options["noinput"]:
            self._be_sure()
        for name in ("erp_sync.http", "erp.files"):
            logging.getLogger(name).setLevel(logging.WARNING)
        made = self._asked(chosen, options)
        for line in report.lines(made):
            self.stdout.write(line)
        if path := options["report"]:
            text = WRITERS.get(path.suffix, _as_text)(made)
            path.write_text(text, encoding="utf-8")
            self.stdout.write(_("Kept in {path}.").format(path=path))
        if made.has_failed:
            raise CommandError(_("Not every promise is kept: see the lines that failed and what to do."))

    def _asked(self, chosen: list[Question], options: dict[str, Any]) -> report.Report:
        asked_at = timezone.now()
        try:
            prices = confirmed.read(options["prices"]) if options["prices"] else []
            erp: Erp = adapters.load() if options["write"] else guard.read_only(adapters.load())
            sample = LiveSample(erp, confirmed=prices, customer=options["customer"])
        except confirmed.UnreadablePrices as error:
            raise CommandError(f"{error}. Nothing was asked.") from error
        except ErpError as error:
            raise CommandError(f"{settings.ERP_URL or 'ERP_URL is empty'}: {error}. {_cure(error)}") from error
        answers = [self._put(question, sample, wrote=options["write"]) for question in chosen]
        items = ", ".join(ask.sku for ask in sample.asks)
        asked = _("Asked for customer {customer}, items {items}.")
        notes = [asked.format(customer=sample.customer.number, items=items)]
        if options["write"]:
            cancelled, left = sample.clean_up()
            notes.append(_("{count} orders of this check were cancelled again.").format(count=cancelled))
            if left:
                notes.append(_("Cancel these yourself: {numbers}.").format(numbers=", ".join(left)))
        return report.Report(
            erp=erp.capabilities.name,
            where=f"{settings.ERP_URL} {settings.ERP_DATABASE}".strip(),
            asked_at=asked_at,
            wrote=options["write"],
            answers=tuple(answers),
            notes=tuple(notes),
        )

    def _put(self, question: Question, sample: LiveSample, *, wrote: bool) -> Answer:
        if self.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{question.promise}", ending="\r")
        return question.answer(sample) if wrote or not question.writes else question.not_put()

    def _be_sure(self) -> None:
        name = settings.ERP_DATABASE or settings.ERP_URL
        self.stdout.write(
            f"--write places orders, quotes, returns and payments in {settings.ERP_URL} {settings.ERP_DATABASE}.\n"
            "Do that in a copy of the company, never in the live one."
        )
        if input(f"Type {name} to go on: ") != name:
            raise CommandError("Nothing was asked and nothing was written.")


def _chosen(only: list[str]) -> list[Question]:
    names = {one.name for one in questions.ALL}
    if unknown := [name for name in only if name not in names]:
        raise CommandError(f"There is no question {unknown[0]}. There are: {', '.join(sorted(names))}.")
    return [one for one in questions.ALL if not only or one.name in only]


def _as_text(made: report.Report) -> str:
    return "\n".join(report.lines(made)) + "\n"


def _cure(error: ErpError) -> str:
    if isinstance(error, ErpUnavailable):
        return _("See that the ERP runs and can be reached from here.")
    if isinstance(error, ErpMisconfigured):
        return _("Correct ERP_ADAPTER, ERP_URL, ERP_DATABASE, ERP_USER, ERP_PASSWORD or ERP_OPTIONS.")
    return _("The ERP's log may say more.")
