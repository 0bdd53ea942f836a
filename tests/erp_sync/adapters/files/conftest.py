"""Both sides of a folder."""

from pathlib import Path

import pytest

from erp_sync.adapters.files.adapter import FilesErp
from tests.erp_sync.adapters.files.other_side import OtherSide
from tests.erp_sync.adapters.files.wholesaler import started


@pytest.fixture
def sides(tmp_path: Path) -> tuple[OtherSide, FilesErp]:
    return started(tmp_path)


@pytest.fixture
def side(sides: tuple[OtherSide, FilesErp]) -> OtherSide:
    return sides[0]


@pytest.fixture
def erp(sides: tuple[OtherSide, FilesErp]) -> FilesErp:
    return sides[1]
