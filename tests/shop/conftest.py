"""Every test of the shop starts with an empty fake ERP."""

from collections.abc import Iterator

import pytest

from erp_sync import gateway
from erp_sync.adapters import fake


@pytest.fixture(autouse=True)
def erp() -> Iterator[fake.FakeErp]:
    """Return the fake ERP that the settings name, emptied before and after."""
    shared = fake.shared()
    shared.reset()
    gateway.forget()
    yield shared
    shared.reset()
    gateway.forget()
