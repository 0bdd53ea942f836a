"""Promotions: Tryton applies them only when it quotes an order, so an unsaved one needs them here.

Which promotions run, and which products they reach, is asked from the ERP; what is done here is
what `sale.promotion` does with its formula. A formula that is more than arithmetic is left out:
the total shown is then higher than the order's, never lower.
"""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Any

from erp_sync.adapters.tryton import mapping as to
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.http import Deadline

FIELDS = [
    "formula",
    "price_list",
    "amount",
    "quantity",
    "unit.category",
    "unit.factor",
    "products",
    "categories",
]
OPERATORS: dict[type[ast.operator], Callable[[Decimal, Decimal], Decimal]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
Line = Mapping[str, Any]


class Promotions:
    """Applies running promotions to the lines of an unsaved order."""

    def __init__(self, client: TrytonClient) -> None:
        self._client = client

    def applied(
        self, values: Mapping[str, Any], lines: Sequence[Line], rounding: Decimal, deadline: Deadline
    ) -> list[dict[str, Any]]:
        """Return the lines with the prices that a quotation would give them."""
        result = [dict(one) for one in lines]
        promotions = self._running(values, deadline)
        if not promotions:
            return result
        bases, units = self._bases(values, result, deadline)
        for promotion in promotions:
            reached = self._reached(promotion, result, units, deadline)
            if reached and _is_enough(promotion, reached, units):
                for one in reached:
                    _apply(promotion["formula"], one, bases[one["product"]], rounding)
        return result

    def _running(self, values: Mapping[str, Any], deadline: Deadline) -> list[dict[str, Any]]:
        today = dt.datetime.now(dt.UTC).date()
        found: list[dict[str, Any]] = self._client.call(
            "model.sale.promotion.search_read",
            [
                ["company", "=", values["company"]],
                ["OR", ["start_date", "<=", today], ["start_date", "=", None]],
                ["OR", ["end_date", ">=", today], ["end_date", "=", None]],
                ["OR", ["price_list", "=", None], ["price_list", "=", values["price_list"]]],
            ],
            0,
            None,
            None,
            FIELDS,
            deadline=deadline,
        )
        # One that asks for an amount depends on the total before it: the ERP knows it, we do not.
        return [one for one in found if not one["amount"] and _is_arithmetic(one["formula"])]

    def _bases(
        self, values: Mapping[str, Any], lines: Sequence[Line], deadline: Deadline
    ) -> tuple[dict[int, Decimal | None], dict[int, dict[str, Any]]]:
        """Return the price for no quantity, and the units, of each product."""
        rows = self._client.call(
            "model.product.product.search_read",
            [["id", "in", sorted({one["product"] for one in lines})]],
            0,
            None,
            None,
            ["sale_price_uom", "sale_uom.category", "sale_uom.factor"],
            deadline=deadline,
            context={
                "customer": values["party"],
                "price_list": values["price_list"],
                "currency": values["currency"],
                "quantity": 0,
            },
        )
        bases = {row["id"]: to.price(row["sale_price_uom"]) for row in rows}
        return bases, {row["id"]: row["sale_uom."] for row in rows}

    def _reached(
        self,
        promotion: Mapping[str, Any],
        lines: list[dict[str, Any]],
        units: Mapping[int, Mapping[str, Any]],
        deadline: Deadline,
    ) -> list[dict[str, Any]]:
        """Return the lines that this promotion is about."""
        unit = promotion.get("unit.")
        found = [one for one in lines if one["quantity"] > 0 and one["unit_price"] > 0]
        if unit:
            same = unit["category"]
            found = [one for one in found if units[one["product"]]["category"] == same]
        if promotion["products"]:
            found = [one for one in found if one["product"] in promotion["products"]]
        if promotion["categories"] and found:
            inside = set(
                self._client.call(
                    "model.product.product.search",
                    [
                        ["id", "in", sorted({one["product"] for one in found})],
                        ["categories_all", "child_of", promotion["categories"], "parent"],
                    ],
                    0,
                    None,
                    None,
                    deadline=deadline,
                )
            )
            found = [one for one in found if one["product"] in inside]
        return found


def _is_enough(
    promotion: Mapping[str, Any],
    lines: Sequence[Line],
    units: Mapping[int, Mapping[str, Any]],
) -> bool:
    unit = promotion.get("unit.")
    if not unit:
        return True
    factor = to.number(unit["factor"])
    total = sum((Decimal(str(one["quantity"])) * to.number(units[one["product"]]["factor"]) / factor) for one in lines)
    return to.number(promotion["quantity"]) <= total


def _apply(formula: str, one: dict[str, Any], base: Decimal | None, rounding: Decimal) -> None:
    if base is None:
        return
    new = to.price(max(_value(formula, base), Decimal(0)))
    if new is not None and one["unit_price"] >= new:
        one["unit_price"] = new
        one["amount"] = to.amount(Decimal(str(one["quantity"])) * new, rounding)


def _is_arithmetic(formula: str) -> bool:
    try:
        _value(formula, Decimal(1))
    except (SyntaxError, ValueError, DivisionByZero, InvalidOperation, RecursionError):
        return False
    return True


def _value(formula: str, unit_price: Decimal) -> Decimal:
    """Return the value of a formula of numbers, `unit_price`, + - * / and brackets.

    Raises:
        SyntaxError, ValueError, ArithmeticError: it is anything else.

    >>> _value("unit_price * (1 - 0.1)", Decimal(10))
    Decimal('9.0')
    """
    return _node(ast.parse(formula.strip()[:200], mode="eval").body, unit_price)


def _node(node: ast.expr, unit_price: Decimal) -> Decimal:
    match node:
        case ast.Name(id="unit_price"):
            return unit_price
        case ast.Constant(value=int() | float() as value):
            return Decimal(str(value))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_node(left, unit_price), _node(right, unit_price))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_node(operand, unit_price)
    raise ValueError(f"not arithmetic: {ast.dump(node)[:60]}")
