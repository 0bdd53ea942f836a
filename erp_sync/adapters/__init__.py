"""Adapters: one class for each ERP that fulfils `ports.Erp`, named in the setting ERP_ADAPTER."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from erp_sync.errors import ErpMisconfigured
from erp_sync.ports import Erp

_loaded: dict[str, Erp] = {}
_lock = threading.Lock()


def load() -> Erp:
    """Return the adapter of the configured ERP, built once per process.

    Settings: ERP_ADAPTER (dotted path), ERP_URL, ERP_DATABASE, ERP_USER, ERP_PASSWORD and
    ERP_OPTIONS, a dict that the adapter reads. When they change (in tests) it is built again.

    Raises:
        ErpMisconfigured: the adapter does not exist or refuses its settings.
    """
    options: Mapping[str, Any] = getattr(settings, "ERP_OPTIONS", {})
    connection = {
        "url": settings.ERP_URL,
        "database": settings.ERP_DATABASE,
        "user": settings.ERP_USER,
        "password": settings.ERP_PASSWORD,
    }
    key = repr((settings.ERP_ADAPTER, sorted(connection.items()), sorted(options.items())))
    with _lock:
        if key not in _loaded:
            _loaded.clear()
            _loaded[key] = _build(settings.ERP_ADAPTER, connection, options)
        return _loaded[key]


def _build(name: str, connection: Mapping[str, str], options: Mapping[str, Any]) -> Erp:
    try:
        adapter = import_string(name)
    except ImportError as error:
        raise ErpMisconfigured(f"ERP_ADAPTER is {name!r}, which cannot be imported: {error}") from error
    return cast("Erp", adapter.from_settings(**connection, options=options))
