"""A stub of ERPNext with the wholesaler's data, fresh for each test."""

import pytest

from erp_sync.adapters.erpnext.adapter import ErpNextErp
from tests.erp_stubs.transport import StubLine
from tests.erp_sync.adapters.erpnext.erpnext_sample import erp_at, line_to
from tests.erp_sync.adapters.erpnext.stub import wholesaler as w
from tests.erp_sync.adapters.erpnext.stub.site import Site


@pytest.fixture
def site() -> Site:
    return w.wholesaler()


@pytest.fixture
def line(site: Site) -> StubLine:
    return line_to(site)


@pytest.fixture
def erp(line: StubLine) -> ErpNextErp:
    return erp_at(line)
