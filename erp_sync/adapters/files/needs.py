"""What the connection needs: folders with the right rights, and the files that a shop cannot be without."""

from __future__ import annotations

import os
from pathlib import Path

from erp_sync.adapters.files.folders import Folders
from erp_sync.adapters.files.store import Store
from erp_sync.ports import Need

WITHOUT_NO_SHOP = ("items", "accounts", "addresses")
WORTH_HAVING = ("prices", "stock", "orders", "order_lines", "invoices", "acknowledgements")


def needs(folders: Folders, store: Store) -> list[Need]:
    """Return each folder with the right to write, and each file that must have come."""
    written = {
        "incoming": folders.incoming,
        "done": folders.done,
        "outgoing": folders.outgoing,
        "sent": folders.sent,
        "state": folders.state,
    }
    found = [Need("right", f"write {name}", _is_writable(path), _right(path)) for name, path in written.items()]
    exported = store.freshness()
    found += [Need("field", f"{name}.csv", name in exported, _cure(name)) for name in WITHOUT_NO_SHOP]
    return found + [Need("field", f"{name}.csv", is_there=True) for name in WORTH_HAVING if name in exported]


def _is_writable(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.W_OK | os.X_OK)


def _right(path: Path) -> str:
    return f"Make {path} and let the shop's user write there."


def _cure(name: str) -> str:
    return f"Export {name}.csv (manage.py erp_files_template writes its columns)."
