"""Where the ERP is: from the environment, else from the demo ERP beside the shop."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config import env

TRYTON = "erp_sync.adapters.tryton.adapter.TrytonErp"


@dataclass(frozen=True)
class ErpSettings:
    """One ERP: the adapter's dotted name, how to reach and enter it, what the adapter may read."""

    adapter: str
    url: str
    database: str
    user: str
    password: str = field(repr=False)
    options: dict[str, Any] = field(default_factory=dict)


def erp_from(var_dir: Path) -> ErpSettings:
    """Return the ERP named by ERP_URL and its companions, else the demo's (erp/seed.json).

    Without either the address is empty: every ERP call then fails as "not available".

    Raises:
        ImproperlyConfigured: the demo's file is not readable as JSON.
    """
    seed = {} if env.text("ERP_URL") else _seed(var_dir / "erp" / "seed.json")
    return ErpSettings(
        adapter=env.text("ERP_ADAPTER", TRYTON),
        url=env.text("ERP_URL", seed.get("url", "")).rstrip("/"),
        database=env.text("ERP_DATABASE", seed.get("database", "")),
        user=env.text("ERP_USER", seed.get("user", "")),
        password=env.secret("ERP_PASSWORD", seed.get("password", "")),
        options=env.json_object("ERP_OPTIONS") or seed.get("options", {}),
    )


def _seed(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{path} cannot be read as JSON ({error}). Run: make demo-reset") from error
