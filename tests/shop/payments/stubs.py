"""Stand-ins for real providers, written from their public API references; each refuses what it does not know.

Unknown, missing or ill-typed fields and headers are answered as the provider would, and noted in `refusals`.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Answer = tuple[int, Any]
URL = r"https?://[^ ]{1,240}"


@dataclass(frozen=True)
class Seen:
    """A request."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes


class Refusal(Exception):
    """The provider says no."""

    def __init__(self, status: int, words: str) -> None:
        self.status, self.words = status, words
        super().__init__(words)


@dataclass
class Stub:
    """A provider: `routes` are (method, pattern of the path, what answers)."""

    routes: list[tuple[str, str, Callable[..., Answer]]] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    garbage: list[bytes] = field(default_factory=list)

    def answer(self, seen: Seen) -> tuple[int, bytes]:
        """Return status and body."""
        self.calls.append(f"{seen.method} {seen.path}")
        if self.garbage:
            return 200, self.garbage.pop()
        try:
            status, data = self._route(seen)
        except Refusal as refusal:
            self.refusals.append(refusal.words)
            status, data = refusal.status, {"error": {"message": refusal.words}, "error_message": refusal.words}
        return status, b"" if data is None else json.dumps(data).encode()

    def _route(self, seen: Seen) -> Answer:
        for method, pattern, handler in self.routes:
            found = re.fullmatch(pattern, seen.path)
            if found and method == seen.method:
                return handler(seen, *found.groups())
        raise Refusal(404, f"no such address: {seen.method} {seen.path}")


@contextmanager
def serving(stub: Stub) -> Iterator[str]:
    """Serve it on this machine; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            seen = Seen(self.command, parts.path, dict(parse_qsl(parts.query)), self.headers, body)  # type: ignore[arg-type] # a message is a mapping of its headers
            status, content = stub.answer(seen)
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _do  # noqa: N815 (http.server calls them so)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


def header(seen: Seen, name: str, pattern: str) -> str:
    """Return a header that must be there."""
    value = seen.headers.get(name) or ""
    if not re.fullmatch(pattern, value):
        raise Refusal(401 if name in {"Authorization", "Tbk-Api-Key-Id"} else 400, f"bad header {name}: {value!r}")
    return value


def exactly(given: Mapping[str, Any], known: Mapping[str, Any], *, optional: tuple[str, ...] = ()) -> None:
    """Refuse unknown, missing and ill-typed fields; a known one is a pattern of text, or a type."""
    for name in given:
        if name not in known:
            raise Refusal(400, f"unknown parameter: {name}")
    for name, kind in known.items():
        if name not in given:
            if name in optional:
                continue
            raise Refusal(400, f"missing parameter: {name}")
        value = given[name]
        good = (
            isinstance(value, str) and re.fullmatch(kind, value) is not None
            if isinstance(kind, str)
            else isinstance(value, kind) and isinstance(value, bool) == (kind is bool)
        )
        if not good:
            raise Refusal(400, f"invalid {name}: {value!r}")


def form_of(seen: Seen) -> dict[str, str]:
    """Return a form that was posted; a name may come once."""
    header(seen, "Content-Type", "application/x-www-form-urlencoded")
    found = parse_qsl(seen.body.decode(), keep_blank_values=True, strict_parsing=True)
    if len({name for name, _value in found}) != len(found):
        raise Refusal(400, "a parameter came twice")
    return dict(found)


def json_of(seen: Seen) -> dict[str, Any]:
    """Return a JSON object that was sent."""
    header(seen, "Content-Type", "application/json")
    data = json.loads(seen.body or b"{}")
    if not isinstance(data, dict):
        raise Refusal(400, "no object")
    return data


# --- Stripe ----------------------------------------------------------------------------------------------------------


class StripeStub(Stub):
    """Checkout Sessions and Refunds."""

    SESSION = {
        "mode": "payment",
        "client_reference_id": r"[A-Za-z0-9_-]{1,200}",
        "success_url": URL,
        "cancel_url": URL,
        "locale": r"auto|en|en-GB|es|pt-BR",
        "expires_at": r"\d{10}",
        "line_items[0][quantity]": r"[1-9]\d*",
        "line_items[0][price_data][currency]": r"[a-z]{3}",
        "line_items[0][price_data][unit_amount]": r"[1-9]\d{0,7}",
        "line_items[0][price_data][product_data][name]": r".{1,250}",
        "payment_intent_data[metadata][reference]": r".{1,500}",
    }

    def __init__(self) -> None:
        super().__init__()
        self.sessions: dict[str, dict[str, Any]] = {}
        self.once: dict[str, tuple[dict[str, str], Any]] = {}
        self.refunded: dict[str, int] = {}
        self.routes = [
            ("POST", "/v1/checkout/sessions", self.create),
            ("GET", r"/v1/checkout/sessions/(cs_test_\w+)", self.retrieve),
            ("POST", "/v1/refunds", self.refund),
        ]

    def _who(self, seen: Seen) -> None:
        header(seen, "Authorization", r"Bearer sk_test_\w+")
        header(seen, "Stripe-Version", r"\d{4}-\d\d-\d\d")

    def _idempotent(self, seen: Seen, make: Callable[[dict[str, str]], Any]) -> Answer:
        key, fields = header(seen, "Idempotency-Key", r".{1,255}"), form_of(seen)
        if key in self.once:
            before, made = self.once[key]
            if before != fields:
                raise Refusal(400, "Keys for idempotent requests can only be used with the same parameters")
            return 200, made
        made = make(fields)
        self.once[key] = (fields, made)
        return 200, made

    def create(self, seen: Seen) -> Answer:
        """POST /v1/checkout/sessions."""
        self._who(seen)

        def make(fields: dict[str, str]) -> dict[str, Any]:
            exactly(fields, self.SESSION)
            number = f"cs_test_{len(self.sessions) + 1}"
            self.sessions[number] = {
                "id": number,
                "object": "checkout.session",
                "amount_total": int(fields["line_items[0][price_data][unit_amount]"]),
                "client_reference_id": fields["client_reference_id"],
                "currency": fields["line_items[0][price_data][currency]"],
                "livemode": False,
                "payment_intent": None,
                "payment_status": "unpaid",
                "status": "open",
                "url": f"https://checkout.stripe.com/c/pay/{number}",
            }
            return self.sessions[number]

        return self._idempotent(seen, make)

    def retrieve(self, seen: Seen, number: str) -> Answer:
        """GET /v1/checkout/sessions/:id."""
        self._who(seen)
        if number not in self.sessions:
            raise Refusal(404, "No such checkout.session")
        exactly(seen.query, {"expand[]": r"payment_intent\.latest_charge"}, optional=("expand[]",))
        session = self.sessions[number]
        if session["payment_intent"] and seen.query:
            intent = session["payment_intent"]
            charge = {"id": "ch_1", "object": "charge", "amount_refunded": self.refunded.get(intent, 0)}
            session = session | {"payment_intent": {"id": intent, "object": "payment_intent", "latest_charge": charge}}
        return 200, session

    def pay(self, number: str) -> None:
        """Let the payer pay."""
        self.sessions[number] |= {"payment_status": "paid", "status": "complete", "payment_intent": "pi_1"}

    def refund(self, seen: Seen) -> Answer:
        """POST /v1/refunds."""
        self._who(seen)

        def make(fields: dict[str, str]) -> dict[str, Any]:
            known = {"payment_intent": r"pi_\w+", "amount": r"[1-9]\d*", "metadata[reference]": r".{1,500}"}
            exactly(fields, known, optional=("amount",))
            intent = fields["payment_intent"]
            (paid,) = [one["amount_total"] for one in self.sessions.values() if one["payment_intent"] == intent]
            total = self.refunded.get(intent, 0) + int(fields.get("amount", paid))
            if total > paid:
                raise Refusal(400, "Refund amount is greater than unrefunded amount on charge")
            self.refunded[intent] = total
            return {"id": "re_1", "object": "refund", "status": "succeeded"}

        return self._idempotent(seen, make)


# --- Mercado Pago ----------------------------------------------------------------------------------------------------


class MercadoPagoStub(Stub):
    """Preferences, payments, refunds."""

    def __init__(self) -> None:
        super().__init__()
        self.preferences: dict[str, dict[str, Any]] = {}
        self.payments: dict[int, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.routes = [
            ("POST", "/checkout/preferences", self.create),
            ("GET", "/v1/payments/search", self.search),
            ("GET", r"/v1/payments/(\d+)", self.retrieve),
            ("POST", r"/v1/payments/(\d+)/refunds", self.refund),
        ]

    def _who(self, seen: Seen) -> None:
        header(seen, "Authorization", r"Bearer TEST-[\w-]+")

    def create(self, seen: Seen) -> Answer:
        """POST /checkout/preferences."""
        self._who(seen)
        body = json_of(seen)
        exactly(
            body,
            {
                "items": list,
                "external_reference": r"[\w-]{1,64}",
                "back_urls": dict,
                "auto_return": "approved|all",
                "notification_url": URL,
                "expires": bool,
                "expiration_date_to": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d",
            },
        )
        exactly(body["back_urls"], {"success": URL, "pending": URL, "failure": URL})
        for one in body["items"]:
            number: tuple[type, ...] = (int, float)
            exactly(
                one, {"id": ".+", "title": ".{1,256}", "quantity": int, "currency_id": "[A-Z]{3}", "unit_price": number}
            )
            if one["unit_price"] <= 0 or (one["currency_id"] == "CLP" and one["unit_price"] != int(one["unit_price"])):
                raise Refusal(400, "unit_price invalid")
        number_of = f"987-{len(self.preferences) + 1}"
        self.preferences[number_of] = body
        url = f"https://www.mercadopago.cl/checkout/v1/redirect?pref_id={number_of}"
        return 201, {"id": number_of, "collector_id": 987, "init_point": url, **body}

    def pay(self, number: str, status: str = "approved", **facts: Any) -> int:
        """Let the payer try; return the payment's id."""
        body = self.preferences[number]
        payment_id = 5_000_000_000 + len(self.payments)
        self.payments[payment_id] = {
            "id": payment_id,
            "status": status,
            "status_detail": "accredited",
            "external_reference": body["external_reference"],
            "transaction_amount": body["items"][0]["unit_price"],
            "currency_id": body["items"][0]["currency_id"],
            "collector_id": 987,
            "transaction_amount_refunded": 0,
            **facts,
        }
        return payment_id

    def search(self, seen: Seen) -> Answer:
        """GET /v1/payments/search."""
        self._who(seen)
        exactly(seen.query, {"external_reference": ".+", "sort": "date_created", "criteria": "asc|desc"})
        found = [one for one in self.payments.values() if one["external_reference"] == seen.query["external_reference"]]
        return 200, {"paging": {"total": len(found), "limit": 30, "offset": 0}, "results": found[::-1]}

    def retrieve(self, seen: Seen, payment_id: str) -> Answer:
        """GET /v1/payments/:id."""
        self._who(seen)
        if int(payment_id) not in self.payments:
            raise Refusal(404, "Payment not found")
        return 200, self.payments[int(payment_id)]

    def refund(self, seen: Seen, payment_id: str) -> Answer:
        """POST /v1/payments/:id/refunds."""
        self._who(seen)
        key = header(seen, "X-Idempotency-Key", ".{1,64}")
        body = json_of(seen)
        exactly(body, {"amount": (int, float)}, optional=("amount",))
        if key in self.refunds:
            return 201, self.refunds[key]
        payment = self.payments[int(payment_id)]
        if payment["status"] != "approved":
            raise Refusal(400, "The action requested is not valid for the current payment state")
        payment["transaction_amount_refunded"] += body.get("amount", payment["transaction_amount"])
        if payment["transaction_amount_refunded"] > payment["transaction_amount"]:
            raise Refusal(400, "Amount to refund is invalid")
        if payment["transaction_amount_refunded"] == payment["transaction_amount"]:
            payment["status"] = "refunded"
        self.refunds[key] = {"id": 1, "payment_id": int(payment_id), "status": "approved"}
        return 201, self.refunds[key]


# --- Webpay Plus -----------------------------------------------------------------------------------------------------


class WebpayStub(Stub):
    """Transactions of the REST API v1.2."""

    PATH = "/rswebpaytransaction/api/webpay/v1.2/transactions"

    def __init__(self) -> None:
        super().__init__()
        self.transactions: dict[str, dict[str, Any]] = {}
        self.routes = [
            ("POST", self.PATH, self.create),
            ("PUT", rf"{self.PATH}/(\w+)", self.commit),
            ("GET", rf"{self.PATH}/(\w+)", self.status),
            ("POST", rf"{self.PATH}/(\w+)/refunds", self.refund),
        ]

    def _who(self, seen: Seen) -> None:
        header(seen, "Tbk-Api-Key-Id", r"\d{12}")
        header(seen, "Tbk-Api-Key-Secret", r"\w{10,}")
        if seen.method != "GET":
            header(seen, "Content-Type", "application/json")

    def create(self, seen: Seen) -> Answer:
        """POST: a token, and where to post it."""
        self._who(seen)
        body = json_of(seen)
        known = {"buy_order": r"[\w|=&%.,~:/?\[+!@()>-]{1,26}", "session_id": r"[\w-]{1,61}", "amount": int}
        exactly(body, known | {"return_url": r"https?://.{1,248}"})
        if body["amount"] <= 0:
            raise Refusal(422, "Invalid amount")
        token = f"{len(self.transactions) + 1:064}"
        self.transactions[token] = {
            "amount": body["amount"],
            "status": "INITIALIZED",
            "buy_order": body["buy_order"],
            "session_id": body["session_id"],
            "accounting_date": "1122",
            "transaction_date": "2026-11-22T12:00:00.000Z",
            "installments_number": 0,
            "paid": False,
        }
        return 200, {"token": token, "url": "https://webpay3gint.transbank.cl/webpayserver/initTransaction"}

    def pay(self, token: str, *, response_code: int = 0) -> None:
        """Let the payer end his part; the money moves with the commit."""
        self.transactions[token] |= {"paid": True, "response_code": response_code}

    def commit(self, seen: Seen, token: str) -> Answer:
        """PUT: once."""
        self._who(seen)
        one = self._one(token)
        if not one["paid"] or one["status"] != "INITIALIZED":
            return 422, {"error_message": "Transaction has an invalid finished state"}
        one["status"] = "AUTHORIZED" if one["response_code"] == 0 else "FAILED"
        one |= {"authorization_code": "1213", "payment_type_code": "VN", "vci": "TSY"}
        return 200, self._shown(one)

    def status(self, seen: Seen, token: str) -> Answer:
        """GET: how it stands."""
        self._who(seen)
        return 200, self._shown(self._one(token))

    def refund(self, seen: Seen, token: str) -> Answer:
        """POST …/refunds: each call moves money."""
        self._who(seen)
        body, one = json_of(seen), self._one(token)
        exactly(body, {"amount": int})
        left = one.get("balance", one["amount"]) if one["status"] in {"AUTHORIZED", "PARTIALLY_NULLIFIED"} else 0
        if body["amount"] > left:
            raise Refusal(422, "Amount to refund is bigger than the authorized one")
        if body["amount"] == one["amount"]:
            one["status"] = "REVERSED"
            return 200, {"type": "REVERSED"}
        balance = left - body["amount"]
        one |= {"status": "PARTIALLY_NULLIFIED" if balance else "NULLIFIED", "balance": balance}
        shown = {"authorization_code": "1215", "nullified_amount": body["amount"], "balance": balance}
        return 200, {"type": "NULLIFIED", "response_code": 0, **shown}

    def _one(self, token: str) -> dict[str, Any]:
        if token not in self.transactions:
            raise Refusal(422, "Token not found")
        return self.transactions[token]

    @staticmethod
    def _shown(one: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in one.items() if name != "paid"}
