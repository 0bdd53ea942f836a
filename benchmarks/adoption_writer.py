"""One writer of events: python -m benchmarks.adoption_writer COUNT NUMBER; prints when it began and ended, as JSON."""

from __future__ import annotations

import json
import sys
import time


def main(count: int, number: int) -> None:
    """Store events one by one, each durable before the next."""
    import django

    django.setup()
    from django.db import connection
    from django.utils import timezone

    sql = (
        "INSERT INTO adoption_event (event_id, occurred_at, kind, session_id, account_id, user_id, actor,"
        " impersonator_id, object_type, object_id, props, is_test)"
        " VALUES (%s, %s, 'login', %s, 'C1', 'U1', 'buyer', '', '', '', '{}', false)"
    )
    mark = time.time_ns()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        begun = time.time()
        for index in range(count):
            cursor.execute(sql, [f"bench:{mark}:{number}:{index}", timezone.now(), f"S{number}"])
    print(json.dumps([begun, time.time()]))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
