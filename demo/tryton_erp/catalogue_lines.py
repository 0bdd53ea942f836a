# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the product lines (catalogue.toml)."""

import tomllib
from typing import Any

from demo.tryton_erp.options import HERE


def _families() -> list[dict[str, Any]]:
    data = tomllib.loads((HERE / "catalogue.toml").read_text(encoding="utf-8"))
    for family in data["family"]:
        for line in family["line"]:
            line["sizes"] = [tuple(part.strip().split("|")) for part in line["sizes"].split(";")]
    return list(data["family"])


FAMILIES = _families()
