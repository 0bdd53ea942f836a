"""The catalogue's tree of categories, kept by each process until the table changes."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field

from django.db.models import Count, Max, Q

from erp_sync.mirror.limits import recheck_s
from erp_sync.mirror.models import Category, in_language

_Stamp = tuple[int, int, int, dt.datetime | None]


@dataclass(frozen=True, slots=True)
class Node:
    """A category. `path` holds the ids from the root to this one; `children` are in the order of their codes."""

    erp_id: str
    names: dict[str, str]
    code: str
    path: tuple[str, ...]
    children: tuple[str, ...] = ()

    def name_in(self, language: str) -> str:
        """Return the name in this language, or the nearest that there is."""
        return in_language(self.names, language)


@dataclass(frozen=True, slots=True)
class CategoryTree:
    """All categories that exist now."""

    nodes: dict[str, Node] = field(default_factory=dict)
    roots: tuple[str, ...] = ()

    def get(self, erp_id: str | None) -> Node | None:
        """Return a category, or None when there is none with this id."""
        return self.nodes.get(erp_id or "")

    def children(self, erp_id: str | None) -> list[Node]:
        """Return what is directly below a category, or the roots for None."""
        node = self.get(erp_id)
        ids = node.children if node else self.roots if erp_id is None else ()
        return [self.nodes[child] for child in ids]

    def trail(self, erp_id: str) -> list[Node]:
        """Return the categories from the root to this one, for a breadcrumb."""
        node = self.get(erp_id)
        return [self.nodes[step] for step in node.path if step in self.nodes] if node else []


@dataclass(slots=True)
class _Kept:
    tree: CategoryTree
    stamp: _Stamp
    checked: float


_kept: dict[str, _Kept] = {}


def forget() -> None:
    """Drop this process's copy (tests)."""
    _kept.clear()


def category_tree() -> CategoryTree:
    """Return the tree: no query most of the time, one when the copy is older than MIRROR_RECHECK_S."""
    kept = _kept.get("tree")
    if kept and time.monotonic() - kept.checked < recheck_s():
        return kept.tree
    stamp = _stamp()
    if kept and kept.stamp == stamp:
        kept.checked = time.monotonic()
        return kept.tree
    tree = _read()
    _kept["tree"] = _Kept(tree, stamp, time.monotonic())
    return tree


def _stamp() -> _Stamp:
    """Return what changes whenever the table does."""
    found = Category.objects.aggregate(
        rows=Count("pk"),
        alive=Count("pk", filter=Q(gone_at=None)),
        newest=Max("pk"),
        synced=Max("synced_at"),
    )
    return found["rows"], found["alive"], found["newest"] or 0, found["synced"]


def _read() -> CategoryTree:
    rows = list(Category.objects.filter(gone_at=None).order_by("code", "erp_id"))
    known = {row.erp_id for row in rows}
    below: dict[str, list[str]] = {}
    for row in rows:
        below.setdefault(row.parent_erp_id if row.parent_erp_id in known else "", []).append(row.erp_id)
    nodes = {
        row.erp_id: Node(row.erp_id, row.names, row.code, tuple(row.path), tuple(below.get(row.erp_id, ())))
        for row in rows
    }
    return CategoryTree(nodes, tuple(below.get("", ())))
