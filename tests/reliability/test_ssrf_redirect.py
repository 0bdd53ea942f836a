"""ssrf_redirect: nothing that an ERP or a visitor says makes the shop call another place, or send a browser there."""

import http.server
import threading
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from erp_sync import gateway
from erp_sync import records as r
from erp_sync.adapters import fake
from erp_sync.errors import ErpBroken, ErpMisconfigured
from erp_sync.http import Deadline, ErpHttp
from erp_sync.mirror.writing import write
from tests.builders import catalogue, people

TRAPS = ("/", "//{trap}/", "http://{trap}/", "https://{trap}/", "\\\\{trap}\\", "http:{trap}", "javascript:alert(1)")


class Trap(http.server.BaseHTTPRequestHandler):
    """Remembers who came."""

    seen: list[str] = []

    def do_GET(self) -> None:
        """Remember, and answer."""
        Trap.seen.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_POST = do_GET  # noqa: N815 (the base class' name)

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""


class Leading(Trap):
    """Sends whoever asks to the trap."""

    to = ""

    def do_GET(self) -> None:
        """Redirect."""
        self.send_response(307)
        self.send_header("Location", self.to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_GET  # noqa: N815 (the base class' name)


def _serve(handler: type[http.server.BaseHTTPRequestHandler]) -> http.server.ThreadingHTTPServer:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server


@pytest.fixture
def trap() -> Iterator[str]:
    Trap.seen = []
    server = _serve(Trap)
    yield f"127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def erp_that_leads_away(trap: str) -> Iterator[str]:
    server = _serve(Leading)
    Leading.to = f"http://{trap}/latest/meta-data"
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_redirect_of_the_erp_is_not_followed(erp_that_leads_away: str) -> None:
    with pytest.raises(ErpBroken, match="redirects"):
        ErpHttp(erp_that_leads_away).request("GET", "/x", operation="x", deadline=Deadline(5))
    assert Trap.seen == []


def test_control_a_client_that_follows_falls_into_the_trap(erp_that_leads_away: str) -> None:
    urllib.request.urlopen(erp_that_leads_away, timeout=5).read()  # noqa: S310 (our own server)
    assert Trap.seen == ["/latest/meta-data"]


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "gopher://127.0.0.1/", "//127.0.0.1", "ftp://127.0.0.1/x", ""]
)
def test_the_erp_is_reached_by_http_alone(address: str) -> None:
    with pytest.raises(ErpMisconfigured):
        ErpHttp(address)


@pytest.mark.parametrize("path", ["//{trap}/", "http://{trap}/", "@{trap}/", "\\\\{trap}"])
def test_a_path_that_the_erp_names_cannot_leave_its_host(trap: str, erp_that_leads_away: str, path: str) -> None:
    with pytest.raises(ErpBroken):
        ErpHttp(erp_that_leads_away).request("GET", path.format(trap=trap), operation="x", deadline=Deadline(5))
    assert Trap.seen == []


@pytest.mark.django_db
def test_addresses_in_the_erps_records_are_neither_fetched_nor_made_links(
    client: Client, trap: str, settings: Any
) -> None:
    settings.ERP_LIMITS = {"refresh_threads": 0}
    gateway.forget()
    fake.shared().reset()
    actor = people.acting(client)
    catalogue.item("A-1", "Bolt", image_url=f"http://{trap}/picture.png")
    now = timezone.now()
    delivery = r.DeliveryRecord(
        "d-1", now, "D-1", actor.sold_to.erp_id, "shipped", now.date(), tracking_url="javascript:alert(1)"
    )
    write("deliveries", [delivery], now=now)
    for path in ("/items/A-1/", reverse("item-image", args=["A-1", "0"]), "/deliveries/", "/deliveries/D-1/"):
        answer = client.get(path, follow=True)
        assert answer.status_code == 200 or "picture" in path, path
        assert answer.status_code < 500
        page = b"".join(answer) if answer.streaming else answer.content
        assert b"javascript:alert" not in page
    assert Trap.seen == []
    fake.shared().reset()


@pytest.mark.django_db
@pytest.mark.parametrize("target", TRAPS[1:])
def test_nobody_is_sent_elsewhere_by_a_link_to_us(client: Client, trap: str, target: str) -> None:
    there = target.format(trap=trap)
    actor = people.buyer()
    answers = [client.post("/i18n/setlang/", {"language": "es", "next": there})]
    client.force_login(actor.user)
    answers += [
        client.post("/i18n/setlang/", {"language": "en", "next": there}),
        client.get("/accounts/login/", {"next": there}),
        client.post("/accounts/logout/", {"next": there}),
    ]
    for answer in answers:
        location = answer.headers.get("Location", "")
        assert location.startswith("/") or not location, location
        assert not location.startswith(("//", "/\\")), location
        assert trap not in location
