"""What the operator chose (ERP_OPTIONS), and what the adapter must know about the company: found out at first use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from erp_sync.adapters import odata
from erp_sync.adapters.business_central import mapping as to
from erp_sync.adapters.business_central.client import BcClient, Query
from erp_sync.adapters.business_central.mapping import channel_rules
from erp_sync.adapters.channels import ChannelRule
from erp_sync.adapters.kept import Kept
from erp_sync.adapters.options import given
from erp_sync.errors import ErpMisconfigured
from erp_sync.http import Deadline

ONLINE = "api.businesscentral.dynamics.com"
LOGIN = "https://login.microsoftonline.com"
# A longer draft would hold the ERP's number series and tables up for seconds.
LONGEST_DRAFT = 50
PRICE_SOURCES = ("bridge", "draft_document", "list")


@dataclass(frozen=True, slots=True)
class Options:
    """ERP_OPTIONS of this adapter.

    Attributes:
        auth: "oauth" (client credentials) or "basic" (on premises); "" = by the address.
        token_url: Of the token endpoint; "" = Microsoft's, for the tenant in the address.
        price_source: "bridge" (our extension), "draft_document" (a quote that is deleted again) or "list".
        bridge_api: Publisher, group and version under which the extension publishes its pages.
        bridge_service: Name of its published codeunit.
        draft_lines: At most so many lines are priced by a draft; longer questions get no price.
        location: Code of the location that orders are delivered from; "" = as the ERP decides.
        stock_name: What the stock is called where the ERP does not tell it by location.
        order_prefix: What the references of the shop's orders begin with.
        quote_prefixes: What those of its quotes may begin with.
        channels: Rules for the channel of an order, see mapping.py; () = the standard ones.
        heed_credit_limit: The API warns of no credit limit; True compares and refuses.
        item_documents: Whether the documents attached to items are shown; they may be internal.
        language: In which the ERP refuses an order.
        text_language: Of the items' names.
    """

    auth: str = ""
    token_url: str = ""
    price_source: str = "bridge"
    bridge_api: str = "b2bshop/bridge/v1.0"
    bridge_service: str = "b2bBridge"
    draft_lines: int = 20
    location: str = ""
    stock_name: str = "All locations"
    order_prefix: str = "WEB-"
    quote_prefixes: tuple[str, ...] = ("WEB-", "RFQ-")
    channels: tuple[ChannelRule, ...] = field(default_factory=channel_rules)
    heed_credit_limit: bool = True
    item_documents: bool = False
    language: str = "en-US"
    text_language: str = "en"

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Return the options of a settings dict.

        Raises:
            ErpMisconfigured: an option does not exist, or has no such value.
        """
        told = given(cls, values, channel_rules)
        found = cls(**told)
        if found.auth not in {"", "oauth", "basic"}:
            raise ErpMisconfigured("ERP_OPTIONS['auth'] is oauth or basic")
        if found.price_source not in PRICE_SOURCES:
            raise ErpMisconfigured(f"ERP_OPTIONS['price_source'] is one of {', '.join(PRICE_SOURCES)}")
        if not 1 <= found.draft_lines <= LONGEST_DRAFT:
            raise ErpMisconfigured(f"ERP_OPTIONS['draft_lines'] is a number from 1 to {LONGEST_DRAFT}")
        if not found.order_prefix or not all(found.quote_prefixes):
            raise ErpMisconfigured("ERP_OPTIONS: order_prefix and quote_prefixes tell what is the shop's: not empty")
        return found

    def is_basic(self, url: str) -> bool:
        """Say whether a user and his key are used instead of a token."""
        return self.auth == "basic" or (not self.auth and urlsplit(url).hostname != ONLINE and not self.token_url)

    def token_place(self, url: str) -> tuple[str, str]:
        """Return the address of the token's host, and the path there.

        Raises:
            ErpMisconfigured: neither the settings nor the address tell it.
        """
        parts = urlsplit(url)
        steps = [step for step in parts.path.split("/") if step]
        told = self.token_url
        if not told and parts.hostname == ONLINE and len(steps) >= 2:
            told = f"{LOGIN}/{steps[1]}/oauth2/v2.0/token"
        place = urlsplit(told)
        if place.scheme != "https" or not place.netloc or not place.path.strip("/"):
            raise ErpMisconfigured(
                "ERP_URL must be https://api.businesscentral.dynamics.com/v2.0/TENANT/ENVIRONMENT, "
                "or ERP_OPTIONS['token_url'] the https address of the token endpoint"
            )
        return f"{place.scheme}://{place.netloc}", place.path


@dataclass(frozen=True, slots=True)
class Setup:
    """What was found out: the local currency, and the location that orders are delivered from ("" = none)."""

    currency: str
    location: str = ""


class SetupSource:
    """Gives the set-up, asking the ERP when nothing younger than ten minutes is there."""

    def __init__(self, client: BcClient, options: Options) -> None:
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
        rows = self.client.rows("companyInformation", Query(select=["id", "currencyCode"]), deadline)
        currency = to.line(rows[0]["currencyCode"], 10) if rows else ""
        if len(currency) != 3:
            raise ErpMisconfigured("the company has no local currency: set it in the General Ledger Setup")
        return Setup(currency, self._location(deadline) if self.options.location else "")

    def _location(self, deadline: Deadline) -> str:
        code = self.options.location
        wanted = Query(select=["id", "code"], filter=f"code eq {odata.literal(code)}")
        rows = self.client.rows("locations", wanted, deadline)
        if not rows:
            raise ErpMisconfigured(f"the ERP has no location {code!r}: ERP_OPTIONS['location']")
        return to.ref(rows[0]["id"])
