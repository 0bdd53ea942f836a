# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents worth trying, found in the seeded data and named in seed.json."""
from demo.tryton_erp.context import Seed


def stories(seed: Seed) -> None:
    """Find them."""
