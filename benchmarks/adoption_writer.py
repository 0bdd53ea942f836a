"""One writer of events: python -m benchmarks.adoption_writer COUNT NUMBER KIND; prints begin and end as JSON."""

from __future__ import annotations

import json
import sys
import time


def main(count: int, number: int, kind: str) -> None:
    """Record events one by one, each in a transaction of its own, as pages do."""
    import django

    django.setup()
    from django.utils import timezone

    from accounts.signals import Fact, Who
    from adoption.events.recorder import record

    mark, who = time.time_ns(), Who("C1", "U1", "buyer", session_id=f"S{number}")
    record(Fact(f"bench:{mark}:{number}:first", kind, timezone.now(), who))
    begun = time.time()
    for index in range(count):
        record(Fact(f"bench:{mark}:{number}:{index}", kind, timezone.now(), who, "item", f"S{index}"))
    print(json.dumps([begun, time.time()]))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
