"""What tests of the catalogue share."""

import pytest
from pytest_django import Settings


@pytest.fixture
def warm_mirror(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process keep tree and lists, as in production, for this test alone."""
    settings.MIRROR_RECHECK_S = 60
    monkeypatch.setattr("erp_sync.mirror.browse._kept", {})
    monkeypatch.setattr("erp_sync.mirror.tree._kept", {})
