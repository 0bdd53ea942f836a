# SPDX-License-Identifier: GPL-3.0-or-later
"""Pictures and documents of the products."""
from demo.tryton_erp.context import Seed


def pictures(seed: Seed) -> None:
    """Give every product its picture."""


def product_documents(seed: Seed) -> None:
    """Give products their data sheets."""
