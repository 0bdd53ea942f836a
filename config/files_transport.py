"""Messages as files, for a machine without Redis: a file is there whole, or not at all.

Kombu's own transport opens the files that others look for and then writes them: a worker that comes in between reads an
empty message or an empty table of queues, and dies of it. Here both are written beside and moved into place.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

_dumps: Any = dumps  # kombu has no types


class Channel(filesystem.Channel):
    """Puts messages and makes tables of queues atomically; all else is kombu's."""

    def _put(self, queue: Any, payload: Any, **kwargs: Any) -> None:  # type: ignore[override] # kombu does so itself
        """Put a message onto a queue.

        Raises:
            ChannelError: the folder can't be written to.
        """
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        place = Path(self.data_folder_out) / name
        unfinished = place.with_name(f".{name}.new")  # no queue looks for this ending
        try:
            unfinished.write_text(_dumps(payload))
            unfinished.replace(place)
        except OSError as error:
            raise ChannelError(f"The message could not be written to {place}.") from error

    def _queue_bind(self, exchange: Any, routing_key: Any, pattern: Any, queue: Any) -> None:
        """Bind a queue; the table is there, if empty, before kombu opens and locks it."""
        _make_table(self._exchange_file(exchange))  # type: ignore[no-untyped-call] # kombu has no types
        super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[no-untyped-call]


def _make_table(table: Path) -> None:
    if table.exists():
        return
    table.parent.mkdir(parents=True, exist_ok=True)
    unfinished = table.with_name(f".{uuid.uuid4()}.new")
    unfinished.write_text("[]")
    with suppress(FileExistsError):  # somebody else was faster: his table stays
        table.hardlink_to(unfinished)
    unfinished.unlink()


class Transport(filesystem.Transport):
    """The file transport with the channel above."""

    Channel = Channel


def use() -> None:
    """Let addresses that begin with filesystem:// mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
