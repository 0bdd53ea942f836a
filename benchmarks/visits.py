"""What is visited: each measured page as flows of requests, made from the plan that `benchmarks.world` wrote."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote, urlencode

Request = dict[str, Any]
Flow = list[Request]
CSRF = "a" * 32
WORDS = [
    "tornillo acero", "guante nitrilo", "válvula bola", "cable flexible", "disco corte", "bombilla led", "codo latón",
    "candado latón", "broca cobalto", "silicona neutra", "hex bolt", "brass elbow", "ball valve", "nitrile glove",
]  # fmt: skip
# Pages of one list that are visited, and items: "a few hot categories".
HOT_LISTS, HOT_ITEMS = 6, 60


class Visits:
    """The flows. A third of the buyers look around, a sixth fill baskets, half order."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        buyers, count = plan["buyers"], len(plan["buyers"])
        self.lookers, self.adders = buyers[: count // 3], buyers[count // 3 : count // 2]
        self.orderers = buyers[count // 2 :]
        self._chance = random.Random(4)  # noqa: S311 (which page comes next)
        self._hot = self._chance.sample(plan["skus"], min(HOT_ITEMS, len(plan["skus"]) // 10))

    def limit(self) -> list[Flow]:
        """The limit."""
        return [[_get(f"/limit/?after={quote(sku)}", buyer)] for sku, buyer in self._pairs(self._hot)]

    def of_archive(self, path: str) -> Request:
        """A page of the company with the long history."""
        return _get(path, self.plan["archive"])

    def item_list(self, *, encoding: str = "gzip") -> list[Flow]:
        """Lists of 24 items of a few categories."""
        hot = self.plan["categories"][:HOT_LISTS]
        return [[_get(f"/items/?category={c}", buyer, encoding=encoding)] for c, buyer in self._pairs(hot)]

    def item_page(self) -> list[Flow]:
        """Pages of single items."""
        return [[_get(f"/items/{quote(sku)}/", buyer)] for sku, buyer in self._pairs(self._hot)]

    def search(self) -> list[Flow]:
        """Two words."""
        return [[_get("/items/?" + urlencode({"q": words}), buyer)] for words, buyer in self._pairs(WORDS)]

    def home(self) -> list[Flow]:
        """The first page after the log-in."""
        return [[_get("/", buyer)] for buyer in self.lookers]

    def basket(self) -> list[Flow]:
        """A basket of ten lines."""
        return [[_get("/basket/", buyer)] for buyer in self.lookers]

    def order_list(self) -> list[Flow]:
        """Twenty-five orders."""
        return [[_get("/orders/", buyer)] for buyer in self.lookers]

    def order_page(self) -> list[Flow]:
        """Orders with their delivery and invoice."""
        return [[_get(f"/orders/{number}/", buyer)] for buyer in self.lookers for number in buyer["orders"][:5]]

    def basket_add(self) -> list[Flow]:
        """One more item into the basket."""
        return [[_add(sku, buyer)] for sku, buyer in self._pairs(self._hot, self.adders)]

    def orders(self) -> list[Flow]:
        """Whole orders, as a browser sends them: three items, the checkout page, the order.

        The buyers take turns, so that nobody orders twice at the same time.
        """
        return [self._order(buyer) for _turn in range(20) for buyer in self.orderers]

    def _order(self, buyer: dict[str, Any]) -> Flow:
        lines = [_add(sku, buyer) for sku in self._chance.sample(self._hot, 3)]
        page = _get("/checkout/", buyer) | {"take": ["shown", "order_key"]}
        typed = {"ship_to": buyer["ship_to"], "customer_reference": "PO-4711", "csrfmiddlewaretoken": CSRF}
        body = urlencode(typed) + "&order_key={order_key}&shown={shown}"
        return [*lines, page, _post("/checkout/", body, buyer)]

    def cold_lists(self, count: int) -> list[Request]:
        """Pages of items that nobody asked for yet, with their prices waited for."""
        last = max(1, len(self.plan["skus"]) // 24 - 1)
        return [_get(f"/items/?page={last - n}&prices=wait", self.lookers[0]) for n in range(min(count, last))]

    def _pairs(self, things: list[str], buyers: list[Any] | None = None) -> list[tuple[str, dict[str, Any]]]:
        """Return things and buyers in every combination, shuffled."""
        pairs = [(thing, buyer) for thing in things for buyer in buyers or self.lookers]
        self._chance.shuffle(pairs)
        return pairs


def _get(path: str, buyer: dict[str, Any], *, encoding: str = "gzip") -> Request:
    return {"method": "GET", "path": path, "cookie": _cookie(buyer), "encoding": encoding}


def _post(path: str, body: str, buyer: dict[str, Any]) -> Request:
    return {"method": "POST", "path": path, "cookie": _cookie(buyer), "body": body}


def _add(sku: str, buyer: dict[str, Any]) -> Request:
    body = urlencode({"sku": sku, "quantity": "1", "csrfmiddlewaretoken": CSRF})
    return _post("/basket/add/", body, buyer) | {"headers": ["HX-Request: true"]}


def _cookie(buyer: dict[str, Any]) -> str:
    return f"sessionid={buyer['session']}; csrftoken={CSRF}"
