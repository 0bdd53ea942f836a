"""The figures that a manager sees: each with its definition, and how it is read from the book."""

from __future__ import annotations

from adoption.reports.figures.adoption import ADOPTION
from adoption.reports.figures.cells import CELLS
from adoption.reports.figures.figure import (
    ACCOUNT,
    ANSWER,
    ENQUIRY,
    INVOICE,
    LEAD,
    LINE,
    MONEY,
    NUMBER,
    ORDER,
    QUOTE,
    SESSION,
    SHARE,
    Figure,
    Reading,
)
from adoption.reports.figures.money import MONEY_FIGURES
from adoption.reports.figures.opened import OPENED
from adoption.reports.figures.service import SERVICE

FIGURES: tuple[Figure, ...] = (*ADOPTION, *MONEY_FIGURES, *SERVICE, *OPENED, *CELLS)
BY_KEY = {figure.key: figure for figure in FIGURES}

__all__ = [
    "ACCOUNT",
    "ADOPTION",
    "ANSWER",
    "BY_KEY",
    "ENQUIRY",
    "FIGURES",
    "INVOICE",
    "LEAD",
    "LINE",
    "MONEY",
    "NUMBER",
    "ORDER",
    "QUOTE",
    "SESSION",
    "SHARE",
    "Figure",
    "Reading",
]
