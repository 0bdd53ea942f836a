"""Takes batches in the order of their numbers: whole or not at all, once, and each with an answer."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog

from erp_sync.adapters.files import applying, manifest, reading
from erp_sync.adapters.files.folders import Folders, locked, move, nothing_left, write_whole
from erp_sync.adapters.files.manifest import MANIFEST, Manifest, Refused
from erp_sync.adapters.files.store import Store, Taken

TAKEN, REFUSED = "taken", "refused"
LONGEST_NAME = 120
TICK = dt.timedelta(microseconds=1)
log = structlog.get_logger("erp.files")


@dataclass(frozen=True, slots=True)
class Batch:
    """A folder with its manifest; `sentence` says why there is none."""

    folder: Path
    manifest: Manifest | None
    sentence: str = ""

    @property
    def sequence(self) -> int:
        """Return its number, 0 when it has none."""
        return self.manifest.sequence if self.manifest else 0


class Intake:
    """Takes what lies in `incoming`. One process at a time does; the others go on with what was taken."""

    def __init__(self, folders: Folders, store: Store, zone: ZoneInfo, clock: Callable[[], dt.datetime]) -> None:
        self._folders = folders
        self._store = store
        self._zone = zone
        self._clock = clock

    def take(self, deadline_s: float) -> bool:
        """Take every batch that is due; none is begun after the deadline. False when another process is at it.

        Raises:
            ErpUnavailable: the folder is not there, or the disk does not answer.
        """
        self._folders.make()
        until = time.monotonic() + deadline_s
        with nothing_left(), locked(self._folders.state / "lock") as is_ours:
            if is_ours:
                self._take(until)
        return is_ours

    def _take(self, until: float) -> None:
        with self._store.transaction():  # makes the tables where there are none
            last = self._store.last()
        if last is None:
            self._again(until)
        waiting = sorted(self._batches(self._folders.incoming), key=lambda one: (one.sequence, one.folder.name))
        troubles: dict[str, str] = {}
        for batch in waiting:
            if time.monotonic() > until:
                return
            try:
                self._settle(batch)
            except Refused as refusal:
                troubles[batch.folder.name] = str(refusal)
                self._refuse(batch, str(refusal))
        self._keep_troubles(troubles)

    def _again(self, until: float) -> None:
        """Make the tables again from the batches that were taken, the latest whole one first."""
        kept = sorted(self._batches(self._folders.done), key=lambda one: one.sequence)
        whole = [number for number, one in enumerate(kept) if one.manifest and one.manifest.is_restart]
        for batch in kept[whole[-1] if whole else 0 :]:
            if batch.manifest is None or time.monotonic() > until:
                return
            last = self._store.last()
            if last is None or batch.sequence > last.sequence:
                self._apply(batch.folder, batch.manifest)

    def _batches(self, folder: Path) -> Iterator[Batch]:
        for one in folder.iterdir():
            if one.name.startswith(".") or not one.is_dir() or not (one / MANIFEST).exists():
                continue  # not whole yet, or none of ours
            if one.is_symlink():
                yield Batch(one, None, "it is a link: put the folder itself here")
                continue
            try:
                yield Batch(one, manifest.read(one, zone=self._zone, now=self._clock()))
            except Refused as refusal:
                yield Batch(one, None, str(refusal))
            except OSError as error:
                yield Batch(one, None, f"{MANIFEST} cannot be opened: {error.strerror}")

    def _settle(self, batch: Batch) -> None:
        """Take a batch, or put one away that was taken already.

        Raises:
            Refused: it cannot be taken.
        """
        said = batch.manifest
        if said is None:
            raise Refused(batch.sentence)
        last = self._store.last()
        known = self._store.taken(said.sequence)
        if known is not None:
            _refuse_another(known, said)
            self._put_away(batch, known.told)
            return
        _refuse_gap(last, said)
        self._put_away(batch, self._apply(batch.folder, said))

    def _apply(self, folder: Path, said: Manifest) -> str:
        """Put a batch into the tables, all of it or nothing; return what the ERP is told.

        Raises:
            Refused: a file of it is not as it must be.
        """
        files: dict[str, object] = {}
        with self._store.transaction() as connection:
            applying.begin(connection)
            for part in said.parts:
                table = reading.opened(folder, part, said.dialect)
                with table:
                    files[part.layout.file] = dataclasses.asdict(applying.put(connection, table))
            taken_at = self._next_time()
            applying.stamp(connection, taken_at)
            told = _answer(said.sequence, TAKEN, files=files)
            _note(connection, said, taken_at, told)
        log.info("batch_taken", sequence=said.sequence, files=list(files))
        return told

    def _next_time(self) -> dt.datetime:
        """Return a time that is later than that of every batch before, whatever the clock does."""
        last = self._store.last()
        return max(self._clock(), last.taken_at + TICK) if last else self._clock()

    def _put_away(self, batch: Batch, told: str) -> None:
        """Tell the ERP and move the batch out of the way; done again when it was cut in between."""
        write_whole(self._folders.batches / f"{batch.folder.name[:LONGEST_NAME]}.json", told.encode())
        name = f"{batch.sequence:06d}"
        target = self._folders.done / name
        copies = 1
        while target.exists():
            copies += 1
            target = self._folders.done / f".{name}.{copies}"
        move(batch.folder, target)

    def _refuse(self, batch: Batch, sentence: str) -> None:
        """Tell the ERP, once for each sentence."""
        path = self._folders.batches / f"{batch.folder.name[:LONGEST_NAME]}.json"
        told = _answer(batch.sequence, REFUSED, message=sentence).encode()
        if not path.exists() or path.read_bytes() != told:
            write_whole(path, told)
            log.error("batch_refused", folder=batch.folder.name, sentence=sentence)

    def _keep_troubles(self, troubles: dict[str, str]) -> None:
        if troubles != self._store.trouble():
            with self._store.transaction() as connection:
                connection.execute("DELETE FROM trouble")
                connection.executemany("INSERT INTO trouble (folder, sentence) VALUES (?, ?)", troubles.items())


def _refuse_another(known: Taken, said: Manifest) -> None:
    if known.digest != said.digest:
        raise Refused(
            f"batch {said.sequence} was taken already with another content; nothing was changed: give this one a new "
            "number"
        )


def _refuse_gap(last: Taken | None, said: Manifest) -> None:
    expected = last.sequence + 1 if last else 1
    if said.sequence != expected and not (said.is_restart and said.sequence > expected):
        raise Refused(
            f"batch {expected} is missing before batch {said.sequence}; it waits: send the missing one, or a batch of "
            'whole files with "restart": true'
        )


def _note(connection: sqlite3.Connection, said: Manifest, taken_at: dt.datetime, told: str) -> None:
    at = said.exported_at.isoformat()
    connection.execute(
        "INSERT INTO batch (sequence, digest, exported_at, taken_at, told) VALUES (?, ?, ?, ?, ?)",
        [said.sequence, said.digest, at, taken_at.isoformat(), told],
    )
    connection.executemany(
        "INSERT INTO freshness (file, exported_at) VALUES (?, ?)"
        " ON CONFLICT (file) DO UPDATE SET exported_at = excluded.exported_at",
        [(part.layout.name, at) for part in said.parts],
    )


def _answer(sequence: int, state: str, **more: object) -> str:
    said = {"sequence": sequence, "state": state, **more}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"
