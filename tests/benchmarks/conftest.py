"""What measurements need: an empty database that is ready, so that no test makes all tables once more."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from psycopg import sql


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:
    """Return the address of a copy of this session's database, which holds no rows between tests."""
    connection.close()
    own, copy = str(connection.settings_dict["NAME"]), f"{connection.settings_dict['NAME']}_bench"
    with psycopg.connect(_address("postgres"), autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(own)))
        yield _address(copy)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy)))


def _address(name: str) -> str:
    known = connection.settings_dict
    person = quote(known["USER"], safe="") + (f":{quote(known['PASSWORD'], safe='')}" if known["PASSWORD"] else "")
    place = quote(known["HOST"], safe="") + (f":{known['PORT']}" if known["PORT"] else "")
    return f"postgresql://{person}@{place}/{name}"
