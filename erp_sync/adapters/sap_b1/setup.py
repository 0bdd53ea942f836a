"""What the adapter must know about one company: found out at first use, kept for ten minutes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.kept import Kept
from erp_sync.adapters.options import given
from erp_sync.adapters.sap_b1 import mapping as to
from erp_sync.adapters.sap_b1.client import B1Client
from erp_sync.adapters.sap_b1.faults import Missing
from erp_sync.errors import ErpMisconfigured
from erp_sync.http import Deadline

KEY_TABLE = "U_B2BKEY"
KEY, CHANNEL, STATE, LINE = "U_B2BKey", "U_Channel", "U_B2BState", "U_B2BLine"
ALL_CURRENCIES = "##"
MANUAL = -1  # the unit group of an item whose units are typed in
PER_UNIT = {"", "sales", "inventory"}


@dataclass(frozen=True, slots=True)
class Options:
    """ERP_OPTIONS of this adapter.

    Attributes:
        timezone: Of the ERP's server; its times name none.
        ca_file: File with the certificate authority of a server that has its own; "" = the well-known ones.
        warehouses: Codes of those whose stock counts; () = all.
        currencies: ISO code of each currency that the ERP calls otherwise, {"$": "USD"}.
        language, foreign_language: Languages of an item's name and of its foreign name; "" = it is not shown.
        branch: Number of the branch that documents are posted for, where the company has several; 0 = it has none.
        list_price_list: Number of the price list whose prices are the list prices.
        channel: What U_Channel of our orders says.
        channels: Rules for the channel of an order, see mapping.py; () = the standard ones, by U_Channel.
        key_table: Say that the ERP itself refuses a reference twice. True only once `erp_check --write` has shown, on a
            copy, that the user table B2BKEY does so there.
        discount_apart: Whether the discount in the answer to a price still has to be taken off.
        manual_unit_prices: What the price of an item in several pieces without a unit group is for: "sales" or
            "inventory" unit; "" = nobody has looked, so it has no price.
        payment_account: G/L account that the shop's payments go to; without it none are written.
        payment_key: Field of a payment that keeps our reference.
        closed_is_delivered: Take a closed line for delivered, as the ERP shows it, and look for no deliveries: for
            companies with too many to look through. What staff closed by hand looks delivered then.
        select_lines: Some versions refuse to select fields that hold lists (the lines of a document): False reads those
            rows whole, which is slower. `erp_check` tells.
        late_days: Payments have no time of change; those posted so many days back are read again.
        web_payment_words: Words in a payment's reference that tell it was paid in the shop.
    """

    timezone: str = "UTC"
    ca_file: str = ""
    warehouses: tuple[str, ...] = ()
    currencies: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"
    foreign_language: str = ""
    branch: int = 0
    list_price_list: int = 1
    channel: str = "shop"
    channels: tuple[ChannelRule, ...] = field(default_factory=to.channel_rules)
    key_table: bool = False
    discount_apart: bool = True
    manual_unit_prices: str = ""
    payment_account: str = ""
    payment_key: str = KEY
    closed_is_delivered: bool = False
    select_lines: bool = True
    late_days: int = 7
    web_payment_words: tuple[str, ...] = ("pay-", "web")

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a settings dict.

        Raises:
            ErpMisconfigured: an option does not exist, or has a value that it cannot have.
        """
        told = given(cls, values, to.channel_rules)
        found = cls(**told)
        if found.manual_unit_prices not in PER_UNIT:
            raise ErpMisconfigured("ERP_OPTIONS['manual_unit_prices'] is sales, inventory or empty")
        try:
            ZoneInfo(found.timezone)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ErpMisconfigured(f"ERP_OPTIONS['timezone'] is no zone: {found.timezone!r}") from error
        return found


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list: its name, and whether its prices contain tax."""

    name: str
    is_gross: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """What was found out.

    Attributes:
        currency: ISO code of the local currency.
        units: Code and name of each unit by its number.
        unit_groups: Base units in one of each unit, by group and unit.
        sellers, terms, brands: Names by number.
        carriers: Name and address by number.
        has_key_table: Whether the user table B2BKEY is there: then no reference can be written twice.
    """

    zone: ZoneInfo
    currency: str
    codes: Mapping[str, str]
    warehouses: Mapping[str, str]
    price_lists: Mapping[str, PriceList]
    units: Mapping[int, tuple[str, str]]
    unit_groups: Mapping[int, Mapping[int, Decimal]]
    sellers: Mapping[int, str]
    terms: Mapping[int, str]
    brands: Mapping[int, str]
    carriers: Mapping[int, tuple[str, str]]
    has_key_table: bool

    def iso(self, code: Any) -> str:
        """Return the ISO code of a currency; a partner of all currencies buys in the local one."""
        told = to.line(code, 3)
        return self.currency if told in {"", ALL_CURRENCIES} else self.codes.get(told, told)

    def own(self, iso: str) -> str:
        """Return what the ERP calls a currency."""
        return next((own for own, known in self.codes.items() if known == iso), iso)

    def today(self) -> dt.date:
        """Return the day it is where the ERP is."""
        return dt.datetime.now(self.zone).date()


class SetupSource:
    """Gives the set-up, asking the ERP when nothing younger than ten minutes is there."""

    def __init__(self, client: B1Client, options: Options) -> None:
        self.client = client
        self.options = options
        self.zone = ZoneInfo(options.timezone)
        self._kept = Kept(self._find)

    def get(self, deadline: Deadline) -> Setup:
        """Return the set-up; an old one is returned at once and read anew behind.

        Raises:
            ErpUnavailable: it is still being read.
        """
        return self._kept.get(deadline)

    def _find(self, deadline: Deadline) -> Setup:
        admin = self.client.call("CompanyService_GetAdminInfo", {}, deadline=deadline)
        codes = dict(self.options.currencies)
        local = to.line(admin["LocalCurrency"], 3)
        return Setup(
            zone=self.zone,
            currency=codes.get(local, local),
            codes=codes,
            warehouses=self._warehouses(deadline),
            price_lists=self._price_lists(deadline),
            units=self._pairs("UnitOfMeasurements", "AbsEntry", "Code", "Name", deadline),
            unit_groups=self._unit_groups(deadline),
            sellers=self._names("SalesPersons", "SalesEmployeeCode", "SalesEmployeeName", deadline),
            terms=self._names("PaymentTermsTypes", "GroupNumber", "PaymentTermsGroupName", deadline),
            brands=self._names("Manufacturers", "Code", "ManufacturerName", deadline),
            carriers=self._pairs("ShippingTypes", "Code", "Name", "Website", deadline),
            has_key_table=self._has_key_table(deadline),
        )

    def _warehouses(self, deadline: Deadline) -> dict[str, str]:
        fields = ["WarehouseCode", "WarehouseName"]
        rows = self.client.rows("Warehouses", "WarehouseCode", select=fields, deadline=deadline)
        wanted = set(self.options.warehouses)
        found = {
            str(row["WarehouseCode"]): to.line(row["WarehouseName"]) or str(row["WarehouseCode"])
            for row in rows
            if not wanted or row["WarehouseCode"] in wanted
        }
        if not found:
            raise ErpMisconfigured("the ERP has no warehouse for the shop: ERP_OPTIONS['warehouses']")
        # A name that two of them have tells nothing: their codes do.
        names = list(found.values())
        return {code: name if names.count(name) == 1 else code for code, name in found.items()}

    def _price_lists(self, deadline: Deadline) -> dict[str, PriceList]:
        fields = ["PriceListNo", "PriceListName", "IsGrossPrice"]
        rows = self.client.rows("PriceLists", "PriceListNo", select=fields, deadline=deadline)
        return {
            str(row["PriceListNo"]): PriceList(to.line(row["PriceListName"]), to.flag(row["IsGrossPrice"]))
            for row in rows
        }

    def _unit_groups(self, deadline: Deadline) -> dict[int, dict[int, Decimal]]:
        fields = ["AbsEntry", "BaseUoM", "UoMGroupDefinitionCollection"]
        groups: dict[int, dict[int, Decimal]] = {}
        for row in self.client.rows("UnitOfMeasurementGroups", "AbsEntry", select=fields, deadline=deadline):
            factors = groups.setdefault(row["AbsEntry"], {row["BaseUoM"]: Decimal(1)})
            for one in row["UoMGroupDefinitionCollection"] or ():
                alternate = to.number(one["AlternateQuantity"])
                if alternate:
                    factors[one["AlternateUoM"]] = to.number(one["BaseQuantity"]) / alternate
        return groups

    def _names(self, entity: str, key: str, name: str, deadline: Deadline) -> dict[int, str]:
        rows = self.client.rows(entity, key, select=[key, name], deadline=deadline)
        return {row[key]: to.line(row[name]) for row in rows if row[key] >= 0}

    def _pairs(self, entity: str, key: str, one: str, other: str, deadline: Deadline) -> dict[int, tuple[str, str]]:
        rows = self.client.rows(entity, key, select=[key, one, other], deadline=deadline)
        return {row[key]: (to.line(row[one]), to.line(row[other], 500)) for row in rows}

    def _has_key_table(self, deadline: Deadline) -> bool:
        try:
            self.client.page(KEY_TABLE, "Code", after=None, where="", select=["Code"], size=1, deadline=deadline)
        except (Missing, ErpMisconfigured):
            return False
        return True
