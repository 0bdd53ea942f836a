"""The folders that the shop and the ERP share: what is read is a plain file, what is written is there whole or not.

Each step that changes something can be broken on purpose (erp_sync.faults), as a request to another ERP can.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, TextIO

from erp_sync.errors import ErpUnavailable
from erp_sync.faults import LineFault, next_fault

PART = ".part"
LOOK_AGAIN_S = 0.01


@dataclass(frozen=True, slots=True)
class Folders:
    """Where things lie; see docs/adapters-files.md.

    Attributes:
        root: What both sides see; if it is gone, the share is not mounted.
        incoming, done: Batches that come, and those that were taken.
        outgoing: Orders for the ERP, and in `batches` what became of each batch.
        sent: The shop's own copy of what it handed over: it decides whether an order was handed over.
        state: The shop's tables, made from the batches.
        documents: Papers that the ERP prints, in the folders `invoices` and `orders`.
    """

    root: Path
    incoming: Path
    done: Path
    outgoing: Path
    sent: Path
    state: Path
    documents: Path

    @property
    def batches(self) -> Path:
        """Return where the shop says what became of each batch."""
        return self.outgoing / "batches"

    def make(self) -> None:
        """Make the shop's own folders where they are missing; the root and `incoming` are the operator's.

        Raises:
            ErpUnavailable: the root is not there, or cannot be written to.
        """
        if not self.incoming.is_dir():
            raise ErpUnavailable(f"the folder {self.incoming} is not there", nothing_sent=True)
        with nothing_left():
            for folder in (self.done, self.batches, self.sent, self.state):
                folder.mkdir(parents=True, exist_ok=True)


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Tell what the operating system refuses as "unavailable, nothing was sent"."""
    try:
        yield
    except OSError as error:
        raise ErpUnavailable(_said(error), nothing_sent=True) from error


@contextlib.contextmanager
def unclear() -> Iterator[None]:
    """Tell what the operating system refuses as "unavailable": a part of it may be there."""
    try:
        yield
    except OSError as error:
        raise ErpUnavailable(_said(error)) from error


def open_plain(path: Path) -> BinaryIO:
    """Open a file that is no link and nothing but a file.

    Raises:
        OSError: it is not there, or something else.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "it is no file", str(path))
    return os.fdopen(handle, "rb")


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, whatever was there before."""
    part = _part(path, content)
    try:
        _step(lambda: part.replace(path))
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def claim(path: Path, content: bytes) -> bool:
    """Write a file unless one of that name is there; False then. Of several at once one succeeds."""
    part = _part(path, content)
    try:
        _step(lambda: path.hardlink_to(part))
    except FileExistsError:
        return False
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def move(source: Path, target: Path) -> bool:
    """Rename in one step; False when the source is not there (any more)."""
    try:
        _step(lambda: source.rename(target))
    except FileNotFoundError:
        return False
    sync_folder(target.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Let the names of a folder outlive a crash of the machine."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def locked(path: Path, *, wait_s: float = 0.0) -> Iterator[bool]:
    """Hold a lock of this machine; False when another has it all that time. It is free the moment its holder dies."""
    until = time.monotonic() + wait_s
    with path.open("a") as file:
        while not (is_ours := _lock(file)) and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_S)
        yield is_ours


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _part(path: Path, content: bytes) -> Path:
    part = path.with_name(f".{path.name}.{token_hex(4)}{PART}")
    try:
        with part.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _step(act: Callable[[], object]) -> None:
    """Take a step, or break at it when a test says so."""
    fault = next_fault()
    if fault is LineFault.REFUSED:
        raise OSError(errno.EIO, "the folder cannot be reached")
    act()
    if fault is not None:
        raise ErpUnavailable("the folder was lost after the step")


def _said(error: OSError) -> str:
    return f"{error.filename or 'the folder'}: {error.strerror or error}"
