"""Keep and restore the first state of the shop's database, as PostgreSQL's own copy of it.

Runs in the shop's environment: python demo/launcher/pristine.py keep | restore
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def main(what: str) -> int:
    """Copy the database to `<name>_pristine`, or that one back; return the exit code."""
    sys.path.insert(0, str(ROOT))
    import psycopg
    from psycopg import sql
    from psycopg.conninfo import conninfo_to_dict

    url = _database_url()
    name = str(conninfo_to_dict(url)["dbname"])
    source, target = (name, f"{name}_pristine") if what == "keep" else (f"{name}_pristine", name)
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [source])
        if not known.fetchone():
            print(f"There is no database {source}.", file=sys.stderr)
            return 1
        new = sql.Identifier(f"{target}_new")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
        _end_sessions(connection, source)
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, sql.Identifier(source)))
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(target)))
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, sql.Identifier(target)))
    return 0


def _end_sessions(connection: object, name: str) -> None:
    """End the sessions of a database: one in use cannot be copied."""
    connection.execute(  # type: ignore[attr-defined]
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
    )


def _database_url() -> str:
    given = os.environ.get("DATABASE_URL", "").strip()
    if given:
        return given
    from config import postgres

    return postgres.url(Path(os.environ["VAR_DIR"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
