"""Prices as ERPNext 15 finds them: item prices, then pricing rules, with the silences that the recordings show."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from tests.erp_sync.adapters.erpnext.stub.refusal import invalid

if TYPE_CHECKING:
    from tests.erp_sync.adapters.erpnext.stub.site import Site

Doc = dict[str, Any]


def number(value: Any) -> Decimal:
    """Return a number of a document."""
    return Decimal(str(value or 0))


def rounded(value: Decimal, digits: int) -> Decimal:
    """Round as a new site does: halves to even."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN)


def fill_row(site: Site, doc: Doc, row: Doc) -> None:
    """Put into a row what its item says: unit, price of the list, the rule that fits."""
    item = site.docs["Item"].get(str(row.get("item_code")))
    if item is None:
        raise invalid(f"Item <strong>{row.get('item_code')}</strong> not found", "ValidationError")
    if item["disabled"] or not item["is_sales_item"] or item["has_variants"]:
        raise invalid(f"Item <strong>{item['name']}</strong> is not a sales item or is disabled")
    row["item_name"] = row.get("item_name") or item["item_name"]
    row["description"] = row.get("description") or item["description"]
    row["item_group"] = item["item_group"]
    row["stock_uom"] = item["stock_uom"]
    row["uom"] = row.get("uom") or item["sales_uom"] or item["stock_uom"]
    factors = {one["uom"]: number(one["conversion_factor"]) for one in item["uoms"]} | {item["stock_uom"]: Decimal(1)}
    if row["uom"] not in factors:
        raise invalid(f"UOM {row['uom']} is not one of item {item['name']}")
    factor = factors[row["uom"]]
    row["conversion_factor"], row["stock_qty"] = factor, number(row["qty"]) * factor
    row["item_tax_rate"] = json.dumps(site.item_taxes.get(item["name"], {}))
    row["price_list_rate"] = list_rate(site, doc, row, item) or Decimal(0)


def list_rate(site: Site, doc: Doc, row: Doc, item: Doc) -> Decimal | None:
    """Return the price of the price list, for this customer first."""
    prices = [
        one
        for one in site.docs["Item Price"].values()
        if one["item_code"] == item["name"]
        and one["price_list"] == doc["selling_price_list"]
        and one["selling"]
        and one["customer"] in {None, party_of(doc)}
    ]
    prices.sort(key=lambda one: (one["customer"] is None, one["uom"] != row["uom"]))
    for one in prices:
        if one["uom"] in {row["uom"], None}:
            return number(one["price_list_rate"])
        if one["uom"] == item["stock_uom"]:
            return number(one["price_list_rate"]) * number(row["conversion_factor"])
    return None


def apply_rules(site: Site, doc: Doc, row: Doc) -> None:
    """Take off what a pricing rule gives; without one the rate is left alone."""
    for name in ("discount_percentage", "discount_amount"):
        row[name] = Decimal(0)
    row["pricing_rules"] = ""
    if doc.get("ignore_pricing_rule"):
        return
    rule = rule_for(site, doc, row)
    if rule is not None:
        row["discount_percentage"] = number(rule["discount_percentage"])
        row["pricing_rules"] = json.dumps([rule["name"]])
        row["rate"] = discounted(site, row)


def discounted(site: Site, row: Doc) -> Decimal:
    """Return the price list's rate less the discount, as exact as the site keeps rates."""
    less = 1 - number(row["discount_percentage"]) / 100
    return rounded(number(row["price_list_rate"]) * less, site.rate_digits)


def rule_for(site: Site, doc: Doc, row: Doc) -> Doc | None:
    """Return the rule that counts: those of an item hide those of its group, though their quantity is not reached."""
    mine = [one for one in site.docs["Pricing Rule"].values() if _is_for(one, doc)]
    by_item = [one for one in mine if row["item_code"] in _values(one["items"], "item_code")]
    found = by_item or [one for one in mine if row["item_group"] in _values(one["item_groups"], "item_group")]
    quantity = number(row["stock_qty"])
    found = [
        one
        for one in found
        if number(one["min_qty"]) <= quantity and (not one["max_qty"] or quantity <= number(one["max_qty"]))
    ]
    best = max((int(one["priority"] or 0) for one in found), default=0)
    found = [one for one in found if int(one["priority"] or 0) == best]
    if len(found) > 1:
        names = ", ".join(one["name"] for one in found)
        raise invalid(
            f"Multiple Price Rules exists with same criteria, please resolve conflict by assigning priority. "
            f"Price Rules: {names}",
            "MultiplePricingRuleConflict",
        )
    return found[0] if found else None


def party_of(doc: Doc) -> str:
    """Return whose document it is."""
    return str(doc.get("customer") or doc.get("party_name") or "")


def _is_for(rule: Doc, doc: Doc) -> bool:
    if rule["disable"] or not rule["selling"]:
        return False
    whom = {"Customer": ("customer", party_of(doc)), "Customer Group": ("customer_group", doc.get("customer_group"))}
    field, value = whom.get(rule["applicable_for"] or "", ("", ""))
    return not field or rule[field] == value


def _values(rows: Iterable[Doc], name: str) -> set[Any]:
    return {one[name] for one in rows}
