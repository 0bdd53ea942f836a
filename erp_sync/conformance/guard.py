"""An adapter that cannot write: what `manage.py erp_check` asks without `--write`."""

from __future__ import annotations

from typing import Any, NoReturn, cast

from django.utils.translation import gettext_lazy as _

from erp_sync.conformance.sample import CannotAsk
from erp_sync.ports import Erp

WRITES = frozenset({"create_order", "accept_quote", "write"})


class _ReadOnly:
    """Passes every call on but the three that write (`ports.Erp` has no others)."""

    def __init__(self, erp: Erp) -> None:
        self._erp = erp

    def __getattr__(self, name: str) -> Any:
        return _refuse if name in WRITES else getattr(self._erp, name)


def read_only(erp: Erp) -> Erp:
    """Return the adapter without its writes."""
    return cast("Erp", _ReadOnly(erp))


def _refuse(*_given: object, **_named: object) -> NoReturn:
    raise CannotAsk(_("It would write into the ERP; add --write, on a copy of the company."))
