"""What the adapter must know about one Odoo: found out at first use, kept for ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.kept import Kept
from erp_sync.adapters.odoo.client import OdooClient
from erp_sync.adapters.odoo.mapping import channel_rules, line, number, ref
from erp_sync.adapters.options import given
from erp_sync.errors import ErpMisconfigured
from erp_sync.http import Deadline


@dataclass(frozen=True, slots=True)
class Options:
    """ERP_OPTIONS of this adapter; what is empty is found out from the ERP.

    Attributes:
        protocol: "json2" or "jsonrpc"; "" = JSON-2 from Odoo 19 on, /jsonrpc before.
        team: Name of the sales team of our orders; without such a team they have none of ours.
        source: Name of the UTM source of our orders; the same.
        warehouses: Codes or names of those whose stock counts; () = all of the company.
        message_language: Code of the language in which the ERP refuses an order.
        languages: Codes to read texts in; those that are not installed are left out.
        channels: Rules for the channel of an order, see mapping.py; () = the standard ones.
        customer_domain: Odoo domain of the partners that are customers; () = companies and persons on their own that
            were invoiced or marked as customers (customer_rank).
        heed_credit_warning: Odoo only warns of an order over the credit limit; True takes the warning for a no.
        payment_journal: Code or name of the journal of the shop's payments; "" = the first bank journal.
        web_payment_words: Words in a payment's memo that tell it was paid in the shop.
        brand_attribute: Product attribute (English) with the brand.
        discount_product: Number of the service that carries what an order costs less; "" = orders have no discounts.
    """

    protocol: str = ""
    team: str = "B2B webshop"
    source: str = "B2B webshop"
    warehouses: tuple[str, ...] = ()
    message_language: str = "en"
    languages: tuple[str, ...] = ("en", "es")
    channels: tuple[ChannelRule, ...] = field(default_factory=channel_rules)
    customer_domain: tuple[Any, ...] = ()
    heed_credit_warning: bool = True
    payment_journal: str = ""
    web_payment_words: tuple[str, ...] = ("pay-", "web")
    brand_attribute: str = "Brand"
    discount_product: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a settings dict.

        Raises:
            ErpMisconfigured: an option does not exist.
        """
        told = given(cls, values, channel_rules)
        if told.get("protocol", "") not in {"", "json2", "jsonrpc"}:
            raise ErpMisconfigured("ERP_OPTIONS['protocol'] is json2, jsonrpc or empty")
        return cls(**told)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse: id for calls, name for people, and where what comes back is received."""

    id: int
    name: str
    returns_type: int
    stock_location: int


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure: `factor` reference units make one of it."""

    name: str
    factor: Decimal


@dataclass(frozen=True, slots=True)
class Names:
    """Names that Odoo changed between the series that we speak to."""

    line_unit: str
    line_taxes: str
    payment_memo: str

    @classmethod
    def of(cls, series: int) -> Names:
        """Return the names of a series."""
        return cls(
            line_unit="product_uom_id" if series >= 19 else "product_uom",
            line_taxes="tax_ids" if series >= 19 else "tax_id",
            payment_memo="memo" if series >= 18 else "ref",
        )


@dataclass(frozen=True, slots=True)
class Setup:
    """What was found out.

    Attributes:
        company: Id of the company that the user works for; its currency is `currency_code`.
        currencies: Code of each currency by its id; `steps` the smallest amount by code.
        uses_price_lists: Whether there is any; then a price asked without one would silently be the list price.
        price_lists: Name and currency of each price list by its id as text.
        languages: Odoo's code of each language that texts are read in.
        team, source: Ids of ours on orders, 0 = none.
        discount: Id of the service that carries discounts, 0 = none.
    """

    company: int
    series: int
    currency_code: str
    currencies: Mapping[int, str]
    steps: Mapping[str, Decimal]
    warehouses: tuple[Warehouse, ...]
    price_lists: Mapping[str, tuple[str, str]]
    units: Mapping[int, Unit]
    languages: Mapping[str, str]
    names: Names
    team: int = 0
    source: int = 0
    discount: int = 0

    @property
    def uses_price_lists(self) -> bool:
        """Whether the ERP works with price lists."""
        return bool(self.price_lists)

    def step(self, currency: str) -> Decimal:
        """Return the smallest amount of a currency.

        Raises:
            ErpMisconfigured: the ERP does not have it.
        """
        if currency not in self.steps:
            raise ErpMisconfigured(f"the ERP does not have the currency {currency!r}")
        return self.steps[currency]

    def unit_name(self, unit: Any) -> str:
        """Return the name of a line's unit."""
        known = self.units.get(ref(unit))
        return known.name if known else ""

    def base_units(self, unit: Any, base: Any) -> Decimal:
        """Return how many base units make one of a unit."""
        one, other = self.units.get(ref(unit)), self.units.get(ref(base))
        return one.factor / other.factor if one and other and other.factor else Decimal(1)


class SetupSource:
    """Gives the set-up, asking the ERP when nothing younger than ten minutes is there."""

    def __init__(self, client: OdooClient, options: Options) -> None:
        self.client = client
        self.options = options
        self._kept = Kept(self._find)

    def get(self, deadline: Deadline) -> Setup:
        """Return the set-up; an old one is returned at once and read anew behind.

        Raises:
            ErpMisconfigured: the ERP lacks what the shop needs.
            ErpUnavailable: it is still being read.
        """
        return self._kept.get(deadline)

    def _find(self, deadline: Deadline) -> Setup:
        series = self.client.version(deadline).series
        company = self._company(deadline)
        currencies = self._read("res.currency", [], ["name", "rounding"], deadline)
        codes = {row["id"]: line(row["name"], 3) for row in currencies}
        row = self._read("res.company", [["id", "=", company]], ["currency_id"], deadline)[0]
        return Setup(
            company=company,
            series=series,
            currency_code=codes[ref(row["currency_id"])],
            currencies=codes,
            steps={codes[one["id"]]: number(one["rounding"]).normalize() for one in currencies},
            warehouses=self._warehouses(company, deadline),
            price_lists=self._price_lists(company, codes, deadline),
            units=self._units(series, deadline),
            languages=self._languages(deadline),
            names=Names.of(series),
            team=self._named("crm.team", self.options.team, deadline),
            source=self._named("utm.source", self.options.source, deadline),
            discount=self._named("product.product", self.options.discount_product, deadline, "default_code"),
        )

    def _company(self, deadline: Deadline) -> int:
        who = self.client.call("res.users", "context_get", deadline=deadline)
        user = int(who.get("uid") or 0) if isinstance(who, dict) else 0
        rows = self._read("res.users", [["id", "=", user]], ["company_id"], deadline)
        if not rows or not rows[0]["company_id"]:
            raise ErpMisconfigured("the ERP's user has no company: set it in the ERP")
        return ref(rows[0]["company_id"])

    def _warehouses(self, company: int, deadline: Deadline) -> tuple[Warehouse, ...]:
        fields = ["name", "code", "in_type_id", "lot_stock_id"]
        rows = self._read("stock.warehouse", [["company_id", "=", company]], fields, deadline)
        wanted = set(self.options.warehouses)
        rows = [row for row in rows if not wanted or {row["name"], row["code"]} & wanted]
        if not rows:
            raise ErpMisconfigured("the ERP has no warehouse for the shop: ERP_OPTIONS['warehouses']")
        return tuple(
            Warehouse(row["id"], line(row["name"]), ref(row["in_type_id"]), ref(row["lot_stock_id"])) for row in rows
        )

    def _price_lists(self, company: int, codes: Mapping[int, str], deadline: Deadline) -> dict[str, tuple[str, str]]:
        domain = [["company_id", "in", [company, False]]]
        rows = self._read("product.pricelist", domain, ["name", "currency_id"], deadline)
        return {str(row["id"]): (line(row["name"]), codes[ref(row["currency_id"])]) for row in rows}

    def _units(self, series: int, deadline: Deadline) -> dict[int, Unit]:
        factor = "factor" if series >= 19 else "factor_inv"
        rows = self._read("uom.uom", [["active", "in", [True, False]]], ["name", factor], deadline)
        return {row["id"]: Unit(line(row["name"], 20), number(row[factor])) for row in rows}

    def _languages(self, deadline: Deadline) -> dict[str, str]:
        there = [str(row["code"]) for row in self._read("res.lang", [], ["code"], deadline)]
        found = {code: one for code in self.options.languages for one in reversed(there) if one[:2] == code[:2]}
        return found or {"en": "en_US"}

    def _named(self, model: str, name: str, deadline: Deadline, field: str = "name") -> int:
        rows = self._read(model, [[field, "=", name]], [field], deadline) if name else []
        return int(rows[0]["id"]) if rows else 0

    def _read(self, model: str, domain: list[Any], fields: list[str], deadline: Deadline) -> list[dict[str, Any]]:
        return self.client.rows(model, domain, fields, deadline=deadline)
