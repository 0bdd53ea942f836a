"""What the adapter must know about one Tryton: found out at first use, kept for ten minutes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.kept import Kept
from erp_sync.adapters.options import given
from erp_sync.adapters.tryton.client import TrytonClient
from erp_sync.adapters.tryton.mapping import channel_rules, line
from erp_sync.errors import ErpMisconfigured
from erp_sync.http import Deadline

SALES_UNIT = "product_sale"  # a price list's unit


@dataclass(frozen=True, slots=True)
class Options:
    """ERP_OPTIONS of this adapter; what is empty is found out from the ERP.

    Attributes:
        web_shop: Name of the `web.shop` that our orders belong to; "" = the only one.
        warehouse: Code or name of the warehouse that ships; "" = the shop's first by id.
        warehouses: Codes or names of those whose stock counts; () = those of the web shop.
        web_medium: Name of the `marketing.medium` of orders that buyers place themselves.
        rep_medium: The same for orders that a rep places for a customer.
        channels: Rules for the channel of an order, see mapping.py; () = the standard ones.
        message_language: Code of the language in which the ERP refuses an order.
        languages: Codes to read texts in; those that the ERP does not have are left out.
        text_language: Code of the language of texts that are kept in one only: payment terms, units, names of price
            lists and warehouses, and what orders and invoices call an item.
        stock_horizon_days: Reservations planned until then count as taken. Tryton plans a shipment
            for the day after the order, so 0 would promise the same goods twice.
        web_payment_words: Words in a payment's journal or text that tell it was paid in the shop.
        cash_payment_words: The same for cash.
        payment_journal: Name of the `account.payment.journal` of the shop's payments; "" = the only manual one in
            the payment's currency.
        rep_relation: Name, in `text_language`, of the relation from a customer to his sales rep.
        customer_domain: Tryton domain of the parties that are customers; () = those with an address
            for invoices or deliveries.
        successor_attribute: Product attribute with the code of the successor.
        brand_attribute: Product attribute with the brand.
        discount_product: Code of the service that carries what an order costs less; "" = orders have no discounts.
    """

    web_shop: str = ""
    warehouse: str = ""
    warehouses: tuple[str, ...] = ()
    web_medium: str = "web"
    rep_medium: str = "rep"
    channels: tuple[ChannelRule, ...] = field(default_factory=channel_rules)
    message_language: str = "en"
    languages: tuple[str, ...] = ("en", "es")
    text_language: str = "en"
    stock_horizon_days: int = 3
    web_payment_words: tuple[str, ...] = ("web", "card", "tarjeta")
    cash_payment_words: tuple[str, ...] = ("cash", "efectivo")
    payment_journal: str = ""
    rep_relation: str = "has sales rep"
    customer_domain: tuple[Any, ...] = ()
    successor_attribute: str = "replaced_by"
    brand_attribute: str = "brand"
    discount_product: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a settings dict.

        Raises:
            ErpMisconfigured: an option does not exist.
        """
        told = given(cls, values, channel_rules)
        return cls(**told)


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A warehouse: id for calls, name for people."""

    id: int
    name: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Setup:
    """What was found out.

    Attributes:
        company: Id of the company; its currency is `currency_code`.
        currencies: Id of each currency by its code; `rounding` its smallest amount.
        main_warehouse: The one that ships our orders.
        default_price_list: Id as text of the list of customers without one, "" = list prices.
        price_lists: Name of each price list by its id, and whether its steps count sales units.
        carrier_products: Ids of the services that carry freight on an order.
        mediums: Id of each marketing medium by its lower-case name; empty without that module.
        languages: Codes that texts can be read in.
        payment_journals: Id of the journal for payments of the shop by its currency.
        discount: Ids of the service that carries discounts and of its unit; None = there is none.
    """

    company: int
    currency_code: str
    currencies: Mapping[str, int]
    rounding: Mapping[str, Decimal]
    web_shop: int
    main_warehouse: int
    warehouses: tuple[Warehouse, ...]
    default_price_list: str
    price_lists: Mapping[str, tuple[str, bool]]
    carrier_products: frozenset[int]
    mediums: Mapping[str, int]
    languages: tuple[str, ...]
    payment_journals: Mapping[str, int] = field(default_factory=dict)
    discount: tuple[int, int] | None = None

    @property
    def services(self) -> frozenset[int]:
        """Return the services that stand on orders and are no items: freight and discounts."""
        return self.carrier_products | frozenset(self.discount[:1] if self.discount else ())

    def payment_journal(self, currency: str) -> int:
        """Return the id of the journal for payments of the shop.

        Raises:
            ErpMisconfigured: there is none, or it is not clear which.
        """
        if currency not in self.payment_journals:
            raise ErpMisconfigured(
                f"the ERP has not one manual payment journal in {currency}: name it in ERP_OPTIONS['payment_journal']"
            )
        return self.payment_journals[currency]

    def currency(self, code: str) -> int:
        """Return the id of a currency.

        Raises:
            ErpMisconfigured: the ERP does not have it.
        """
        if code not in self.currencies:
            raise ErpMisconfigured(f"the ERP does not have the currency {code!r}")
        return self.currencies[code]


class SetupSource:
    """Gives the set-up, asking the ERP when nothing younger than ten minutes is there."""

    def __init__(self, client: TrytonClient, options: Options) -> None:
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
        company = self.client.company(deadline)
        currencies = self._read("currency.currency", [], ["code", "rounding"], deadline)
        currency = self._read("company.company", [["id", "=", company]], ["currency.code"], deadline)[0]["currency."][
            "code"
        ]
        shop = self._web_shop(deadline)
        warehouses = self._warehouses(shop, deadline)
        return Setup(
            company=company,
            currency_code=currency,
            currencies={one["code"]: one["id"] for one in currencies},
            rounding={one["code"]: Decimal(one["rounding"]) for one in currencies},
            web_shop=shop["id"],
            main_warehouse=self._main(warehouses).id,
            warehouses=warehouses,
            default_price_list=self._default_price_list(deadline),
            price_lists=self._price_lists(deadline),
            carrier_products=self._carrier_products(deadline),
            mediums=self._mediums(deadline),
            languages=self._languages(deadline),
            payment_journals=self._payment_journals(company, deadline),
            discount=self._discount(deadline),
        )

    def _web_shop(self, deadline: Deadline) -> dict[str, Any]:
        shops = self._read("web.shop", [], ["name", "warehouses"], deadline)
        wanted = self.options.web_shop
        named = [shop for shop in shops if not wanted or shop["name"] == wanted]
        if len(named) != 1:
            names = ", ".join(str(shop["name"]) for shop in shops) or "none"
            raise ErpMisconfigured(f"the ERP has these web shops: {names}; name ours in ERP_OPTIONS['web_shop']")
        return named[0]

    def _warehouses(self, shop: dict[str, Any], deadline: Deadline) -> tuple[Warehouse, ...]:
        rows = self._read("stock.location", [["type", "=", "warehouse"]], ["name", "code"], deadline)
        wanted = self.options.warehouses
        if wanted:
            rows = [row for row in rows if {row["name"], row["code"]} & set(wanted)]
        elif shop["warehouses"]:
            rows = [row for row in rows if row["id"] in shop["warehouses"]]
        if not rows:
            raise ErpMisconfigured("the ERP has no warehouse for the shop: ERP_OPTIONS")
        rows.sort(key=lambda row: int(row["id"]))
        return tuple(Warehouse(row["id"], line(row["name"]), line(row["code"])) for row in rows)

    def _main(self, warehouses: tuple[Warehouse, ...]) -> Warehouse:
        wanted = self.options.warehouse
        named = [one for one in warehouses if not wanted or wanted in {one.name, one.code}]
        if not named:
            raise ErpMisconfigured(f"the ERP has no warehouse {wanted!r} for the shop")
        return named[0]

    def _default_price_list(self, deadline: Deadline) -> str:
        found = self.client.call("model.sale.configuration.read", [1], ["sale_price_list"], deadline=deadline)
        return str(found[0]["sale_price_list"] or "")

    def _price_lists(self, deadline: Deadline) -> dict[str, tuple[str, bool]]:
        rows = self._read("product.price_list", [], ["name", "unit"], deadline)
        return {str(row["id"]): (line(row["name"]), row["unit"] == SALES_UNIT) for row in rows}

    def _carrier_products(self, deadline: Deadline) -> frozenset[int]:
        rows = self._read("carrier", [], ["carrier_product"], deadline)
        return frozenset(row["carrier_product"] for row in rows)

    def _discount(self, deadline: Deadline) -> tuple[int, int] | None:
        code = self.options.discount_product
        rows = self._read("product.product", [["code", "=", code]], ["sale_uom"], deadline) if code else []
        return (rows[0]["id"], rows[0]["sale_uom"]) if rows else None

    def _mediums(self, deadline: Deadline) -> dict[str, int]:
        rows = self._read("marketing.medium", [], ["name"], deadline)
        return {str(row["name"]).lower(): row["id"] for row in rows}

    def _payment_journals(self, company: int, deadline: Deadline) -> dict[str, int]:
        """Return the journal of each currency that has exactly one that may be meant."""
        wanted = self.options.payment_journal
        domain: list[Any] = [["company", "=", company], ["process_method", "=", "manual"]]
        rows = self._read("account.payment.journal", domain, ["name", "currency.code"], deadline)
        found: dict[str, list[int]] = {}
        for row in rows:
            if not wanted or row["name"] == wanted:
                found.setdefault(row["currency."]["code"], []).append(row["id"])
        return {currency: ids[0] for currency, ids in found.items() if len(ids) == 1}

    def _languages(self, deadline: Deadline) -> tuple[str, ...]:
        rows = self._read("ir.lang", [["translatable", "=", True]], ["code"], deadline)
        there = {str(row["code"]) for row in rows}
        return tuple(code for code in self.options.languages if code in there) or ("en",)

    def _read(self, model: str, domain: list[Any], fields: list[str], deadline: Deadline) -> list[dict[str, Any]]:
        return self.client.rows(model, domain, fields, deadline=deadline)
