"""Pull what changed in the ERP into the mirror, with progress.

manage.py erp_sync                   all kinds, what changed since the last run
manage.py erp_sync orders invoices   only these
manage.py erp_sync --full            everything again
manage.py erp_sync --keys            compare ids: find what the ERP no longer has
"""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from erp_sync.errors import ErpError, ErpMisconfigured, ErpUnavailable
from erp_sync.mirror import keys, sync
from erp_sync.mirror.progress import Progress
from erp_sync.ports import MIRRORED

_EVERY_S = 0.5


class Command(BaseCommand):
    """See the module."""

    help = "Pulls what changed in the ERP into the mirror. A run that was cut is resumed."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("kinds", nargs="*", metavar="kind", help=f"of: {', '.join(MIRRORED)}; none = all")
        parser.add_argument("--full", action="store_true", help="pull everything again")
        parser.add_argument("--keys", action="store_true", help="compare ids with the ERP and mark what is gone")
        parser.add_argument(
            "--accept-loss",
            action="store_true",
            help="with --keys: mark even if much more is gone than usual",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; ends with an error when a kind could not be pulled whole."""
        kinds = options["kinds"] or list(MIRRORED)
        if unknown := [kind for kind in kinds if kind not in MIRRORED]:
            raise CommandError(f"Unknown: {', '.join(unknown)}. Choose of: {', '.join(MIRRORED)}.")
        # One line of progress is what a person wants to see, not every call.
        logging.getLogger("erp_sync.http").setLevel(logging.WARNING)
        if options["keys"]:
            self._compare(kinds, accept_loss=options["accept_loss"])
        else:
            self._pull(kinds, full=options["full"])

    def _pull(self, kinds: list[str], *, full: bool) -> None:
        line = _Line(self)
        rounds = sync.pull_all(kinds=kinds, now=timezone.now(), full=full, asked_by="manage.py", report=line.show)
        line.end()
        for progress in rounds:
            self.stdout.write(summary(progress))
        if failed := [progress for progress in rounds if progress.error]:
            raise CommandError("\n".join(f"{p.kind}: {p.error} {cure(p.error)}" for p in failed if p.error))

    def _compare(self, kinds: list[str], *, accept_loss: bool) -> None:
        results = keys.compare_all(kinds=kinds, now=timezone.now(), accept_loss=accept_loss)
        for result in results:
            self.stdout.write(
                f"{result.kind:<12}{result.gone} gone, {result.back} back, {result.unknown} to be pulled"
                + (" (another run works on it, nothing was done)" if result.is_busy else "")
            )
        problems = [f"{r.kind}: {r.error} {cure(r.error)}" for r in results if r.error]
        problems += [f"{r.kind}: {r.doubt} If that is true, add --accept-loss." for r in results if r.doubt]
        if problems:
            raise CommandError("\n".join(problems))


class _Line:
    """One line of progress: rewritten on a terminal, left out elsewhere."""

    def __init__(self, command: BaseCommand) -> None:
        self._out = command.stdout
        self._next = 0.0
        self._is_shown = False

    def show(self, progress: Progress) -> None:
        if not self._out.isatty() or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY_S
        self._is_shown = True
        self._out.write(f"\r\x1b[K{moving(progress)}", ending="")
        self._out.flush()

    def end(self) -> None:
        if self._is_shown:
            self._out.write("\r\x1b[K", ending="")


def moving(progress: Progress) -> str:
    """Return where a run is: count, rate, time left."""
    of = f" of {progress.expected}" if progress.expected is not None else ""
    left = progress.seconds_left
    rest = f", {left:.0f} s left" if left is not None else ""
    return f"{progress.kind:<12}{progress.seen}{of}, {progress.rate:.0f} a second{rest}"


def summary(progress: Progress) -> str:
    """Return what came out of a run."""
    if progress.is_busy:
        return f"{progress.kind:<12}another run works on it, nothing was done"
    text = f"{progress.kind:<12}{progress.seen} seen, {progress.changed} written, {progress.rate:.0f} a second"
    if progress.quarantined:
        text += f", {progress.quarantined} in quarantine (see the admin)"
    return text if progress.is_done else text + ", not complete: the next run goes on from here"


def cure(error: ErpError) -> str:
    """Return what to do about it."""
    if isinstance(error, ErpUnavailable):
        return "What was pulled is kept. See that the ERP runs, then run the command again: it goes on from there."
    if isinstance(error, ErpMisconfigured):
        return "Correct the ERP_* settings, then run the command again."
    return "What was pulled is kept. The ERP's log may say more."
