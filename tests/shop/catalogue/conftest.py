"""An empty fake ERP for every test of the catalogue."""

import pytest
from pytest_django import Settings

from erp_sync import gateway
from erp_sync.adapters import fake


@pytest.fixture(autouse=True)
def erp() -> fake.FakeErp:
    """Return the fake ERP, empty; the gateway remembers nothing of it."""
    shared = fake.shared()
    shared.reset()
    gateway.forget()
    return shared


@pytest.fixture
def warm_mirror(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process keep tree and lists, as in production, for this test alone."""
    settings.MIRROR_RECHECK_S = 60
    monkeypatch.setattr("erp_sync.mirror.search._kept", {})
    monkeypatch.setattr("erp_sync.mirror.tree._kept", {})
