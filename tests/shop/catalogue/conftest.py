"""An empty fake ERP for every test of the catalogue."""

import pytest

from erp_sync import gateway
from erp_sync.adapters import fake


@pytest.fixture(autouse=True)
def erp() -> fake.FakeErp:
    """Return the fake ERP, empty; the gateway remembers nothing of it."""
    shared = fake.shared()
    shared.reset()
    gateway.forget()
    return shared
