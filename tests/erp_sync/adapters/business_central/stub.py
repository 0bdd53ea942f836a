"""A strict Business Central in this process: it refuses what the real one refuses, and pages in twos.

Made from Microsoft's own pages (schema.py). Beyond them it wants a token, an If-Match, and only the OData that the
service has; anything else is 400 or 501. What no page says (numbers of a posted document, a deleted order) is book.py.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import httpx2

from tests.erp_sync.adapters.business_central import query, schema
from tests.erp_sync.adapters.business_central.book import HEADERS, PARTS, Book, Row
from tests.erp_sync.adapters.business_central.schema import Entity, Refused

HOST, LOGIN = "bc.test", "login.test"
ROOT = "/v2.0/tenant/production"
URL = f"https://{HOST}{ROOT}"
TOKEN_URL = f"https://{LOGIN}/tenant/oauth2/v2.0/token"
COMPANY = "aaaaaaaa-0000-0000-0000-00000000c0de"
COMPANY_NAME = "Ferretería Norte & Hijos"
CLIENT, SECRET = "app-id", "app-secret"
PDF = b"%PDF-1.4 stub"
PNG = b"\x89PNG stub"
STREAMS = {
    "pdfDocument/pdfDocumentContent": ("pdfDocument", PDF),
    "picture/pictureContent": ("picture", PNG),
    "attachmentContent": ("documentAttachments", PDF),
}
_PLACE = re.compile(r"(\w+)(?:\(([0-9a-f-]{36})\))?(?:/(.+))?")


class BcStub:
    """Answers requests; one at a time."""

    def __init__(self, book: Book | None = None, *, page_size: int = 2) -> None:
        self.book = book or Book()
        self.page_size = page_size
        self.tokens = 0
        self.has_bridge = True
        # Properties that an update took away.
        self.vanished: set[tuple[str, str]] = set()
        # Where the next link leads instead of here.
        self.next_host = HOST
        self.after: list[Any] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        try:
            answer = self._answer(request)
        except Refused as refused:
            body = {"error": {"code": refused.code, "message": refused.words}}
            answer = httpx2.Response(refused.status, json=body)
        answer.headers["Date"] = email.utils.format_datetime(dt.datetime.now(dt.UTC), usegmt=True)
        while self.after:
            self.after.pop(0)()
        return answer

    def expire(self) -> None:
        """Let the tokens that are out there end."""
        self.tokens += 1

    # -- the door --------------------------------------------------------------

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.raw_path.decode("ascii")
        path, _, asked = path.partition("?")
        if request.url.host == LOGIN:
            return self._token(request, path)
        if request.url.host != HOST or not path.startswith(f"{ROOT}/"):
            raise Refused(404, "BadRequest_NotFound", "Resource not found for the segment 'v2.0'.")
        if request.headers.get("Authorization") != f"Bearer token-{self.tokens}":
            raise Refused(401, "Authentication_InvalidCredentials", "The server has rejected the client credentials.")
        path = unquote(path.removeprefix(ROOT))
        if path == "/ODataV4/b2bBridge_priceLines":
            return self._priced(request, asked)
        for api, entities in (("/api/v2.0", self.book.entities), ("/api/b2bshop/bridge/v1.0", self.book.bridge)):
            if path.startswith(f"{api}/") and (self.has_bridge or entities is self.book.entities):
                return self._in(api, entities, request, path.removeprefix(api), asked)
        raise Refused(404, "BadRequest_NotFound", f"Resource not found for the segment '{path}'.")

    def _token(self, request: httpx2.Request, path: str) -> httpx2.Response:
        form = {name: values[0] for name, values in parse_qs(request.read().decode()).items()}
        wanted = {
            "grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET,
            "scope": "https://api.businesscentral.dynamics.com/.default",
        }  # fmt: skip
        if request.method != "POST" or path != "/tenant/oauth2/v2.0/token" or form != wanted:
            return httpx2.Response(401, json={"error": "invalid_client", "error_description": "AADSTS7000215"})
        self.tokens += 1
        return httpx2.Response(200, json={"access_token": f"token-{self.tokens}", "expires_in": 3599})

    def _in(
        self, api: str, entities: Mapping[str, Entity], request: httpx2.Request, path: str, asked: str
    ) -> httpx2.Response:
        if path == "/$metadata":
            shown = [self._shown(one) for one in entities.values()]
            return httpx2.Response(200, content=schema.edmx(shown))
        if path == "/companies":
            row = {"id": COMPANY, "name": COMPANY_NAME, "systemVersion": "26.0.1.2", "displayName": "Norte"}
            return httpx2.Response(200, json={"value": [row]})
        start = f"/companies({COMPANY})/"
        place = _PLACE.fullmatch(path.removeprefix(start)) if path.startswith(start) else None
        if place is None or place[1] not in entities:
            raise Refused(404, "BadRequest_NotFound", f"Resource not found for the segment '{path}'.")
        return self._at(api, self._shown(entities[place[1]]), place[2] or "", place[3] or "", request, asked)

    def _shown(self, entity: Entity) -> Entity:
        gone = {name for place, name in self.vanished if place == entity.name}
        if not gone:
            return entity
        fields = {name: one for name, one in entity.fields.items() if name not in gone}
        return Entity(entity.name, entity.type, fields, entity.parts, entity.actions)

    # -- one place -------------------------------------------------------------

    def _at(
        self, api: str, entity: Entity, key: str, rest: str, request: httpx2.Request, asked: str
    ) -> httpx2.Response:
        method = request.method
        if not key:
            if method == "GET":
                path = f"{ROOT}{api}/companies({COMPANY})/{entity.name}"
                return self._page(path, entity, list(self.book.rows[entity.name].values()), request, asked)
            return self._inserted(entity, request)
        row = self.book.find(entity.name, id=key)
        if rest:
            return self._below(api, entity, row, rest, request, asked)
        if method == "GET":
            return _json(200, self._told(entity, row, query.read(asked, entity)))
        self._refuse_stale(row, request)
        if method == "PATCH":
            return self._patched(entity, row, request)
        if method == "DELETE" and entity.may_delete:
            self.book.remove(entity.name, row)
            return httpx2.Response(204)
        raise Refused(405, "BadRequest_MethodNotAllowed", f"{method} is not allowed on {entity.name}.")

    def _below(
        self, api: str, entity: Entity, row: Row, rest: str, request: httpx2.Request, asked: str
    ) -> httpx2.Response:
        """Answer for a part, an action or a stream of a record."""
        if rest.startswith("Microsoft.NAV."):
            return self._acted(entity, row, rest.removeprefix("Microsoft.NAV."), request)
        if rest == "picture" and "picture" in entity.parts:
            return httpx2.Response(200, json={"id": row["id"], "contentType": "image/png", "width": 1})
        stream = STREAMS.get(rest)
        if stream and (stream[0] in entity.parts or stream[0] == entity.name):
            return httpx2.Response(200, content=stream[1])
        return self._in_part(api, entity, row, rest, request, asked)

    def _in_part(
        self, api: str, entity: Entity, row: Row, rest: str, request: httpx2.Request, asked: str
    ) -> httpx2.Response:
        place = _PLACE.fullmatch(rest)
        if place is None or place[1] not in entity.parts or place[3]:
            raise Refused(404, "BadRequest_NotFound", f"Resource not found for the segment '{rest}'.")
        part = self.book.entities[entity.parts[place[1]]]
        mine = [one for one in self.book.rows[part.name].values() if _belongs(one, row)]
        if place[2]:
            line = next((one for one in mine if one["id"] == place[2]), None)
            if line is None:
                raise Refused(404, "Internal_RecordNotFound", "The line does not exist.")
            return self._at(api, part, line["id"], "", request, asked)
        if request.method == "POST" and entity.name in PARTS and part.name == PARTS[entity.name]:
            made = self.book.new_line(entity.name, row, part.taken(json.loads(request.read())))
            return _json(201, self._told(part, made, query.Asked()))
        return self._page(
            f"{ROOT}{api}/companies({COMPANY})/{entity.name}({row['id']})/{rest}", part, mine, request, asked
        )

    # -- reading ---------------------------------------------------------------

    def _page(
        self, path: str, entity: Entity, rows: Sequence[Row], request: httpx2.Request, asked: str
    ) -> httpx2.Response:
        if request.method != "GET":
            raise Refused(405, "BadRequest_MethodNotAllowed", f"{request.method} is not allowed on {entity.name}.")
        if entity.name in HEADERS and f"/{HEADERS[entity.name]}(" not in path:
            words = "You must specify an Id or a Document Id to get the lines."
            raise Refused(400, "Application_FilterErrorException", words)
        wanted = query.read(asked, entity)
        order = wanted.order or "id"
        found = sorted((row for row in rows if wanted.test(row)), key=lambda row: (row[order], row["id"]))
        if wanted.skip_token:
            value, _, last = wanted.skip_token.rpartition(",")
            found = [row for row in found if (_text(row[order]), row["id"]) > (value, last)]
        preferred = re.search(r"odata\.maxpagesize=(\d+)", request.headers.get("Prefer", ""))
        size = min(self.page_size, int(preferred[1]) if preferred else self.page_size)
        body: dict[str, Any] = {"value": [self._told(entity, row, wanted) for row in found[:size]]}
        if len(found) > size:
            token = f"{_text(found[size - 1][order])},{found[size - 1]['id']}"
            options = {name: values[0] for name, values in parse_qs(asked).items()} | {"$skiptoken": token}
            body["@odata.nextLink"] = f"https://{self.next_host}{path}?{urlencode(options)}"
        return _json(200, body)

    def _told(self, entity: Entity, row: Row, wanted: query.Asked) -> dict[str, Any]:
        names = wanted.select or list(entity.fields)
        told = {"@odata.etag": self._tag(row), **{name: row[name] for name in names}}
        for part, select in wanted.expand.items():
            told[part] = self._part(entity, row, part, select)
        return told

    def _part(self, entity: Entity, row: Row, part: str, select: Sequence[str]) -> Any:
        of = self.book.entities[entity.parts[part]]
        for name in select:
            of.field(name)
        asked = query.Asked(select=select)
        if part == "customerFinancialDetails":
            return self._told(of, self.book.find(of.name, id=row["id"]), asked)
        return [self._told(of, one, asked) for one in self.book.rows[of.name].values() if _belongs(one, row)]

    def _tag(self, row: Row) -> str:
        return f'W/"{row["id"]}-{self.book.tags[row["id"]]}"'

    # -- writing ---------------------------------------------------------------

    def _refuse_stale(self, row: Row, request: httpx2.Request) -> None:
        told = request.headers.get("If-Match", "")
        if not told:
            raise Refused(400, "BadRequest_RequiredParamNotProvided", "The request must have an If-Match header.")
        if told not in {"*", self._tag(row)}:
            raise Refused(409, "Request_EntityChanged", "Another user has already changed the record.")

    def _inserted(self, entity: Entity, request: httpx2.Request) -> httpx2.Response:
        if not entity.may_insert or entity.name not in PARTS:
            raise Refused(405, "BadRequest_MethodNotAllowed", f"{request.method} is not allowed on {entity.name}.")
        body = json.loads(request.read())
        part = PARTS[entity.name]
        lines = [self.book.entities[part].taken(one) for one in body.get(part, [])]
        row = self.book.new_document(entity.name, entity.taken(body), lines)
        return _json(201, self._told(entity, row, query.Asked()))

    def _patched(self, entity: Entity, row: Row, request: httpx2.Request) -> httpx2.Response:
        if not entity.may_modify:
            raise Refused(405, "BadRequest_MethodNotAllowed", f"PATCH is not allowed on {entity.name}.")
        body = json.loads(request.read())
        if set(body) & set(entity.parts):
            raise Refused(400, "BadRequest", "Deep patching is not supported.")
        values = entity.taken(body)
        if entity.name in HEADERS:
            header = HEADERS[entity.name]
            self.book.change_line(header, self.book.find(header, id=row["documentId"]), row, values)
        else:
            row.update(values)
            self.book.touch(row)
        return _json(200, self._told(entity, row, query.Asked()))

    def _acted(self, entity: Entity, row: Row, action: str, request: httpx2.Request) -> httpx2.Response:
        known = {name.lower() for name in entity.actions}
        if request.method != "POST" or action.lower() not in known or request.read():
            raise Refused(404, "BadRequest_NotFound", f"Resource not found for the segment '{action}'.")
        if (entity.name, action) != ("salesQuotes", "makeOrder"):
            raise Refused(501, "BadRequest", f"The stub does not {action}.")
        self.book.make_order(row)
        return httpx2.Response(204)

    # -- the bridge ------------------------------------------------------------

    def _priced(self, request: httpx2.Request, asked: str) -> httpx2.Response:
        if not self.has_bridge or request.method != "POST" or parse_qs(asked) != {"company": [COMPANY_NAME]}:
            raise Refused(404, "BadRequest_NotFound", "Resource not found for the segment 'b2bBridge_priceLines'.")
        body = json.loads(request.read())
        wanted = json.loads(body["request"])
        if set(body) != {"request"} or set(wanted) != {"customerId", "currencyCode", "withSteps", "lines"}:
            raise Refused(400, "BadRequest", "The parameters of priceLines are not these.")
        customer = self.book.find("customers", id=wanted["customerId"])
        lines = [self._line(customer, one, steps=wanted["withSteps"]) for one in wanted["lines"]]
        untaxed = sum((Decimal(one.get("netAmount", "0")) for one in lines), Decimal(0))
        tax = (untaxed * 21 / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        told = {
            "currencyCode": customer["currencyCode"], "totalAmountExcludingTax": untaxed, "totalTaxAmount": tax,
            "totalAmountIncludingTax": untaxed + tax, "freightAmount": 0, "lines": lines,
        }  # fmt: skip
        return httpx2.Response(200, json={"value": json.dumps(told, default=float)})

    def _line(self, customer: Row, one: Mapping[str, Any], *, steps: bool) -> dict[str, Any]:
        item = self.book.rows["items"].get(one["itemId"])
        if item is None or item["blocked"]:
            return {"itemNumber": "", "isSalable": False}
        many = Decimal(one["quantity"])
        price = Decimal(one.get("netUnitPrice") or self.book.price(customer["number"], item["number"], many))
        told: dict[str, Any] = {
            "itemNumber": item["number"], "isSalable": True, "unitOfMeasureCode": item["baseUnitOfMeasureCode"],
            "netUnitPrice": price, "listUnitPrice": item["unitPrice"], "rule": "Price list",
            "netAmount": float((many * price).quantize(Decimal("0.01"), "ROUND_HALF_UP")),
        }  # fmt: skip
        told["netAmount"] = Decimal(str(told["netAmount"]))
        if steps:
            ladder = self.book.prices.get((customer["number"], item["number"]), [])
            told["steps"] = [
                {"quantity": start, "netUnitPrice": self.book.price(customer["number"], item["number"], start)}
                for start, _ in ladder
            ]
        return told


def _belongs(part: Mapping[str, Any], row: Row) -> bool:
    return any(part.get(name) == row["id"] for name in ("documentId", "parentId", "journalId"))


def _text(value: Any) -> str:
    return value.isoformat(timespec="milliseconds") if isinstance(value, dt.datetime) else str(value)


def _json(status: int, body: Mapping[str, Any]) -> httpx2.Response:
    return httpx2.Response(status, content=json.dumps(body, default=_value).encode())


def _value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
