# SPDX-License-Identifier: GPL-3.0-or-later
"""Drawn pictures of the products: a flat icon for each kind of thing, in the colour of the item."""

from functools import cache

from demo.tryton_erp.board import Board
from demo.tryton_erp.icons import ICONS


@cache
def picture(icon: str, colour: str) -> bytes:
    """Return the JPEG of a kind of thing in a colour."""
    board = Board(colour)
    ICONS[icon](board)
    return board.jpeg()
