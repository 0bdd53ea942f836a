"""Keep and restore the first state of the shop's database, as PostgreSQL's own copy of it.

Runs in the shop's environment: python demo/launcher/pristine.py keep | restore | empty | id
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psycopg import Connection

ROOT = Path(__file__).resolve().parent.parent.parent


def main(what: str) -> int:
    """Do one command; return the exit code."""
    sys.path.insert(0, str(ROOT))
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    url = _database_url()
    name = str(conninfo_to_dict(url)["dbname"])
    with psycopg.connect(url, dbname="postgres", autocommit=True) as connection:
        if what == "id":
            print(_identity(connection, name))
        elif what == "empty":
            _replace(connection, name, template="template0")
        else:
            source, target = (name, f"{name}_pristine") if what == "keep" else (f"{name}_pristine", name)
            if not _identity(connection, source):
                print(f"There is no database {source}.", file=sys.stderr)
                return 1
            _replace(connection, target, template=source)
    return 0


def _identity(connection: "Connection", name: str) -> str:
    """Return what no other database has, empty when there is none of this name."""
    row = connection.execute(
        "SELECT (SELECT system_identifier FROM pg_control_system()) || '-' || oid FROM pg_database WHERE datname = %s",
        [name],
    ).fetchone()
    return str(row[0]) if row else ""


def _replace(connection: "Connection", name: str, *, template: str) -> None:
    """Put a copy of `template` in the place of the database `name`, which may be missing."""
    from psycopg import sql

    new = sql.Identifier(f"{name}_new")
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(new))
    # a database in use cannot be copied
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
    connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(new, sql.Identifier(template)))
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(new, sql.Identifier(name)))


def _database_url() -> str:
    given = os.environ.get("DATABASE_URL", "").strip()
    if given:
        return given
    from config import postgres

    return postgres.url(Path(os.environ["VAR_DIR"]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
