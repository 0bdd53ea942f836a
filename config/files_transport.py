"""Messages as files, for a machine without Redis: a message is there whole, or not at all.

Kombu's own transport opens the file that a worker looks for and then writes it: a worker that comes in between reads an
empty message, and dies of it. Here it is written beside and moved into place.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

_dumps: Any = dumps  # kombu has no types


class Channel(filesystem.Channel):
    """Puts messages atomically; all else is kombu's."""

    def _put(self, queue: Any, message: Any, **_kwargs: Any) -> None:
        """Put a message onto a queue.

        Raises:
            ChannelError: the folder can't be written to.
        """
        name = f"{round(time.monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        place = Path(self.data_folder_out) / name
        unfinished = place.with_name(f".{name}.new")  # no queue looks for this ending
        try:
            unfinished.write_text(_dumps(message))
            unfinished.replace(place)
        except OSError as error:
            raise ChannelError(f"The message could not be written to {place}.") from error


class Transport(filesystem.Transport):
    """The file transport with the channel above."""

    Channel = Channel


def use() -> None:
    """Let addresses that begin with filesystem:// mean this transport."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
