"""Both sides of a folder whose first batch was taken."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from erp_sync.adapters.files.adapter import FilesErp
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import connected, started


@pytest.fixture(scope="session")
def taken_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("erp")
    _side, erp = started(root)
    erp.now(deadline_s=60)
    return root


@pytest.fixture
def side(taken_once: Path, tmp_path: Path) -> OtherSide:
    root = tmp_path / "erp"
    shutil.copytree(taken_once, root)
    side = OtherSide(root)
    side.sequence, side.limits = 1, {"c2": Decimal(100)}
    return side


@pytest.fixture
def erp(side: OtherSide) -> FilesErp:
    return connected(side)
