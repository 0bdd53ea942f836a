"""What the adapter must know about one site: found out at first use, kept for ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.erpnext import mapping as to
from erp_sync.adapters.erpnext.client import ErpNextClient
from erp_sync.adapters.erpnext.zone import SiteZone
from erp_sync.adapters.kept import Kept
from erp_sync.adapters.options import given
from erp_sync.errors import ErpBroken, ErpMisconfigured
from erp_sync.http import Deadline

COIN, NOT_ROUNDED = "smallest_currency_fraction_value", "disable_rounded_total"


@dataclass(frozen=True, slots=True)
class Options:
    """ERP_OPTIONS of this adapter; what is empty is found out from the ERP.

    Attributes:
        company: Name of the company; "" = the only one there is.
        price_list: Price list of customers for whom neither they nor their group name one.
        warehouses: Names of those whose stock counts; () = all of the company.
        order_warehouse: Warehouse of an order's lines; "" = what the ERP puts in.
        source: Lead source of our orders; "" = none. It must exist in the ERP.
        order_type: Order type of our orders and quotes.
        lead_days: Days from today to the delivery date, which the ERP demands, when the buyer names none.
        language: Code of the language that item texts are in.
        attributes: Fields of an item that are shown as facts: () = none but those of variants.
        channels: Rules for the channel of an order, see mapping.py; () = the standard ones.
        free_text_item: Code of a non-stock item that carries free text in a quote; "" = such lines are refused.
        freight_items: Codes of items that are freight.
        money_digits: Digits to which the ERP rounds money (System Settings, currency precision): 0, 1 or 2.
        halves: "even" (Banker's Rounding, as sites are since 15) or "up" (Commercial Rounding; legacy Banker's too).
        web_account: Account that web payments are paid to; "" = what the ERP puts in.
        print_format: Of papers.
    """

    company: str = ""
    price_list: str = "Standard Selling"
    warehouses: tuple[str, ...] = ()
    order_warehouse: str = ""
    source: str = ""
    order_type: str = "Shopping Cart"
    lead_days: int = 3
    language: str = "en"
    attributes: tuple[str, ...] = ("brand",)
    channels: tuple[ChannelRule, ...] = field(default_factory=to.channel_rules)
    free_text_item: str = ""
    freight_items: tuple[str, ...] = ()
    money_digits: int = 2
    halves: str = "even"
    web_account: str = ""
    print_format: str = "Standard"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a settings dict.

        Raises:
            ErpMisconfigured: an option does not exist, or has a value that makes no sense.
        """
        told = given(cls, values, to.channel_rules)
        if told.get("halves", "even") not in {"even", "up"}:
            raise ErpMisconfigured("ERP_OPTIONS['halves'] is even or up")
        if told.get("money_digits", 2) not in {0, 1, 2}:
            raise ErpMisconfigured("ERP_OPTIONS['money_digits'] is 0, 1 or 2: the shop keeps money to the cent")
        return cls(**told)


@dataclass(frozen=True, slots=True)
class Setup:
    """What was found out.

    Attributes:
        zone: The clock of the site.
        warehouses: Names of those whose stock counts.
        group_lists: Price list of each customer group that has one.
        whole_units: Units that are not sold in parts.
        countries: ISO code of each country, which addresses call by its name.
        coins: Smallest coin of each currency (0 = 1 of it), to which totals are rounded; {} = the site rounds none.
    """

    company: str
    currency: str
    zone: SiteZone
    warehouses: frozenset[str] = frozenset()
    group_lists: Mapping[str, str] = field(default_factory=dict)
    whole_units: frozenset[str] = frozenset()
    countries: Mapping[str, str] = field(default_factory=dict)
    coins: Mapping[str, Decimal] = field(default_factory=dict)

    def digits(self, unit: str) -> int:
        """Return the decimals of a quantity in a unit."""
        return 0 if unit in self.whole_units else 3


class SetupSource:
    """Gives the set-up, asking the ERP when nothing younger than ten minutes is there.

    Args:
        known: Taken instead of asking, for ever: tests and tools know it.
    """

    def __init__(self, client: ErpNextClient, options: Options, known: Setup | None = None) -> None:
        self.client = client
        self.options = options
        self._kept = Kept(self._find if known is None else lambda _deadline: known)

    def get(self, deadline: Deadline) -> Setup:
        """Return the set-up; an old one is returned at once and read anew behind.

        Raises:
            ErpMisconfigured: the ERP lacks what the shop needs.
            ErpUnavailable: it is still being read.
        """
        return self._kept.get(deadline)

    def _find(self, deadline: Deadline) -> Setup:
        company, currency = self._company(deadline)
        return Setup(
            company=company,
            currency=currency,
            zone=self._zone(deadline),
            warehouses=self._warehouses(company, deadline),
            group_lists=self._group_lists(deadline),
            whole_units=self._whole_units(deadline),
            countries=self._countries(deadline),
            coins=self._coins(deadline),
        )

    def _company(self, deadline: Deadline) -> tuple[str, str]:
        rows = self.client.rows("Company", ["name", "default_currency"], deadline=deadline)
        wanted = self.options.company
        fitting = [row for row in rows if not wanted or row["name"] == wanted]
        if len(fitting) != 1:
            names = ", ".join(to.line(row["name"], 60) for row in rows) or "none"
            raise ErpMisconfigured(f"ERP_OPTIONS['company'] must name one of the ERP's companies: {names}")
        return str(fitting[0]["name"]), to.line(fitting[0]["default_currency"], 3)

    def _zone(self, deadline: Deadline) -> SiteZone:
        told = self.client.ask("frappe.client.get_time_zone", deadline)
        message = told.get("message") if isinstance(told, dict) else None
        name = message.get("time_zone") if isinstance(message, dict) else None
        if not name:
            raise ErpBroken("the ERP does not say its time zone")
        return SiteZone.named(str(name))

    def _warehouses(self, company: str, deadline: Deadline) -> frozenset[str]:
        filters: list[list[Any]] = [["company", "=", company], ["is_group", "=", 0], ["disabled", "=", 0]]
        there = {str(row["name"]) for row in self.client.rows("Warehouse", ["name"], filters, deadline=deadline)}
        wanted = set(self.options.warehouses) or there
        if not wanted or wanted - there:
            names = ", ".join(sorted(wanted - there)) or "any"
            raise ErpMisconfigured(f"the ERP's company has no warehouse {names}: ERP_OPTIONS['warehouses']")
        return frozenset(wanted)

    def _group_lists(self, deadline: Deadline) -> dict[str, str]:
        rows = self.client.rows("Customer Group", ["name", "default_price_list"], deadline=deadline)
        return {str(row["name"]): str(row["default_price_list"]) for row in rows if row["default_price_list"]}

    def _whole_units(self, deadline: Deadline) -> frozenset[str]:
        rows = self.client.rows("UOM", ["name"], [["must_be_whole_number", "=", 1]], deadline=deadline)
        return frozenset(str(row["name"]) for row in rows)

    def _countries(self, deadline: Deadline) -> dict[str, str]:
        rows = self.client.rows("Country", ["name", "code"], deadline=deadline)
        return {str(row["name"]): to.line(row["code"], 2).upper() for row in rows}

    def _coins(self, deadline: Deadline) -> dict[str, Decimal]:
        """Return none where new documents have "Disable Rounded Total" ticked, which is a default of the type."""
        order = self.client.types("Sales Order", deadline)[0]
        if any(one["fieldname"] == NOT_ROUNDED and to.is_on(one.get("default")) for one in order["fields"]):
            return {}
        rows = self.client.rows("Currency", ["name", COIN], [["enabled", "=", 1]], deadline=deadline)
        return {str(row["name"]): to.number(row[COIN]) for row in rows}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of an item: `factor` stock units make one of it."""

    name: str
    factor: Decimal = Decimal(1)
