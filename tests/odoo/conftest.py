"""A real Odoo, a fresh copy of its database for each file of tests."""

import json
import os
from collections.abc import Iterator

import pytest
from django.conf import settings

from tests.erp_sync.adapters.odoo_sample import OdooAt, OdooSample
from tests.odoo.program import OdooUnavailable
from tests.odoo.server import OdooServer


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave these tests out unless they are asked for by their mark: Odoo is a step of its own (`make test-odoo`)."""
    if "odoo" in (config.option.markexpr or ""):
        return
    left_out = [item for item in items if item.get_closest_marker("odoo")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("odoo")]


@pytest.fixture(scope="session")
def odoo_server() -> Iterator[OdooServer]:
    """Start a server; that there is none is a failure, never a skip: who asks for these tests wants them."""
    server = OdooServer(settings.VAR_DIR)
    try:
        server.prepare()
        server.start()
    except OdooUnavailable as error:
        pytest.fail(str(error), pytrace=False)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def odoo(request: pytest.FixtureRequest) -> Iterator[OdooAt]:
    """Give the Odoo of ODOO_TEST_URL (with ODOO_TEST_DATABASE and ODOO_TEST_KEYS, JSON), else a fresh copy of ours."""
    if url := os.environ.get("ODOO_TEST_URL", ""):
        yield OdooAt(url, os.environ["ODOO_TEST_DATABASE"], json.loads(os.environ["ODOO_TEST_KEYS"]))
        return
    server: OdooServer = request.getfixturevalue("odoo_server")
    name = f"odoo_test_{os.getpid()}_{request.module.__name__.rpartition('.')[2]}"
    server.clone(name)
    yield OdooAt(server.url, name, server.keys)
    server.drop(name)


@pytest.fixture(scope="module")
def odoo_sample(odoo: OdooAt) -> OdooSample:
    return OdooSample(odoo)
