"""Pages of deliveries and of the report: whose, how many questions, as files, by link."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.errors import NotPermitted
from accounts.models import AuditEntry
from erp_sync.mirror.models import Order, OrderLine
from sheets.cells import is_live, plain
from shop.deliveries import services
from shop.deliveries.models import ReportLink, WeeklyReport
from shop.deliveries.report import ReportQuery
from shop.deliveries.services import LinkRefused
from shop.notices.models import Notice
from tests.builders import catalogue, deliveries, people
from tests.sheets.test_tables import PREFIXES, xlsx_cells

pytestmark = pytest.mark.django_db
NOW = timezone.now()
EXPORT = "missing-goods-export"


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


# --- deliveries ---------------------------------------------------------------------------------------------------


def test_the_list_shows_what_is_on_its_way_with_tracking_and_what_is_still_to_come(client: Client) -> None:
    actor = people.acting(client)
    line = deliveries.line(deliveries.order(actor.sold_to, "SO/9"), "A-1", 10, delivered=4)
    deliveries.delivery(actor.sold_to, (line, 4), number="DEL/0001", carrier="Envíos", tracking_number="TR-1")
    arrived = deliveries.line(deliveries.order(actor.sold_to), "BOLT-1", 1, delivered=1)
    deliveries.delivery(actor.sold_to, (arrived, 1), number="DEL/0002", state="delivered")
    page = client.get(reverse("delivery-list")).text
    assert reverse("delivery-detail", kwargs={"number": "DEL/0001"}) in page
    assert reverse("order-detail", kwargs={"number": "SO/9"}) in page
    assert "TR-1" in page
    assert "Part of the order" in page
    assert "DEL/0002" not in page
    assert "DEL/0002" in client.get(reverse("delivery-list"), {"state": "delivered"}).text


def test_what_will_never_leave_is_not_on_its_way(client: Client) -> None:
    actor = people.acting(client)
    gone = deliveries.line(deliveries.order(actor.sold_to, "SO/1", status="cancelled"))
    kept = deliveries.line(deliveries.order(actor.sold_to, "SO/2"))
    deliveries.delivery(actor.sold_to, (gone, 1), number="DEL/0001", state="waiting", shipped_on=None)
    deliveries.delivery(actor.sold_to, (gone, 1), (kept, 1), number="DEL/0002", state="waiting", shipped_on=None)
    page = client.get(reverse("delivery-list")).text
    assert ("DEL/0001" in page, "DEL/0002" in page) == (False, True)
    assert "DEL/0001" not in client.get(reverse("order-detail", kwargs={"number": "SO/1"})).text


@pytest.mark.parametrize("q", ["del/0001", "tr-1", "so/9", "po 7", "a-1"])
def test_a_delivery_is_found_by_every_number_it_has(client: Client, q: str) -> None:
    actor = people.acting(client)
    order = deliveries.order(actor.sold_to, "SO/9", customer_reference="PO 77")
    deliveries.delivery(actor.sold_to, (deliveries.line(order, "A-1"), 4), number="DEL/0001", tracking_number="TR-1")
    other = deliveries.line(deliveries.order(actor.sold_to), "BOLT-1")
    deliveries.delivery(actor.sold_to, (other, 1), number="X-2")
    page = client.get(reverse("delivery-list"), {"q": q}).text
    assert ("DEL/0001" in page, "X-2" in page) == (True, False)


def test_search_finds_nothing_of_another_company(client: Client) -> None:
    """search_foreign: neither by the numbers of the delivery nor through its order."""
    other = people.sold_to()
    order = deliveries.order(other, "SO-FOREIGN", customer_reference="PO-FOREIGN")
    line = deliveries.line(order, "A-FOREIGN")
    deliveries.delivery(other, (line, 1), number="D-FOREIGN", tracking_number="TR-FOREIGN")
    actor = people.acting(client)
    own = deliveries.delivery(actor.sold_to, number="D-OWN")
    # A line that names a foreign order must not open it either.
    own.lines.create(order_erp_id=order.erp_id, order_line_erp_id=line.erp_id, sku="OWN", quantity=1)
    for q in ("FOREIGN", "D-FOREIGN", "TR-F", "SO-F", "PO-F", "A-F"):
        answer = client.get(reverse("delivery-list"), {"q": q, "state": "all"})
        assert answer.context["found"].total == 0
        assert not client.get(reverse("missing-goods"), {"item": q, "show": "all"}).context["found"].total
    assert "SO-FOREIGN" not in client.get(reverse("delivery-detail", kwargs={"number": "D-OWN"})).text
    assert client.get(reverse("delivery-detail", kwargs={"number": "D-FOREIGN"})).status_code == 404


def test_the_list_asks_the_same_few_questions_for_one_delivery_and_for_many(client: Client) -> None:
    actor = people.acting(client)
    asked = []
    for count in (1, 15):
        for _n in range(count):
            line = deliveries.line(deliveries.order(actor.sold_to), catalogue.item().sku)
            deliveries.delivery(actor.sold_to, (line, 1))
        with CaptureQueriesContext(connection) as caught:
            client.get(reverse("delivery-list"))
        asked.append(len(caught))
    assert asked[0] == asked[1] <= 14


# --- the report as a file -----------------------------------------------------------------------------------------


# Words of fixed lists and keys: other words there would hide the row, not show it.
CODES = {"fingerprint", "currency", "status", "customer_erp_id", "channel_hint", "item_type", "step"}


def texts_of(*rows: models.Model) -> list[tuple[models.Model, str, int]]:
    """Return every text field of these rows: none can be forgotten."""
    return [
        (row, one.name, one.max_length or 200)
        for row in rows
        for one in row._meta.concrete_fields
        if isinstance(one, models.CharField) and not one.unique and one.name not in CODES
    ]  # fmt: skip


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
@pytest.mark.parametrize("prefix", PREFIXES)
def test_no_text_of_the_erp_starts_live_in_a_file(client: Client, prefix: str, file_format: str) -> None:
    if "\x00" in prefix:
        prefix = prefix.replace("\x00", "\x01")  # PostgreSQL keeps no NUL
    actor = people.acting(client)
    order = deliveries.order(actor.sold_to)
    line = deliveries.line(order, "A-1", 10)
    for row, name, most in texts_of(order, line):
        setattr(row, name, f"{prefix}1+1|{name}"[:most])
    order.save()
    line.save()
    answer = client.get(reverse(EXPORT), {"format": file_format, "show": "all"})
    content = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    if file_format == "csv":
        cells = csv_rows(content)[1]
        assert not [cell for cell in cells if is_live(cell) and not cell.startswith("'")]
        assert plain(cells[0]) == order.number
        assert cells[8:12] == ["10", "0", "10", "0"]
    else:
        found = xlsx_cells(content)[15:]
        assert not [one for one in found if one[0] == "formula"]
        assert not [text for kind, text in found if kind == "text" and is_live(text) and not text.startswith("'")]
        assert ("number", "10") in found


def test_the_file_has_all_rows_of_the_filter_and_no_prices(client: Client) -> None:
    actor = people.acting(client)
    order = deliveries.order(actor.sold_to, "SO/1", customer_reference="PO 1")
    for n in range(60):
        deliveries.line(order, f"A-{n:02}", 10, delivered=4, net_price=Decimal("987.65"))
    deliveries.line(order, "BOLT-1", 10)
    answer = client.get(reverse(EXPORT), {"format": "csv", "item": "A-"})
    rows = csv_rows(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert len(rows) == 61
    assert rows[1][:1] + rows[1][3:4] + rows[1][8:11] == ["SO/1", "PO 1", "10", "4", "6"]
    assert "987.65" not in str(rows)
    assert answer["Cache-Control"] == "private, no-store"
    by_item = client.get(reverse(EXPORT), {"format": "xlsx", "level": "item"})
    content = b"".join(by_item.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.is_zipfile(io.BytesIO(content))


def test_the_file_of_one_company_holds_nothing_of_another(client: Client) -> None:
    """export_foreign, with the control that the own company's line is in it."""
    for company, sku in ((people.sold_to(), "FOREIGN"), (people.acting(client).sold_to, "OWN")):
        deliveries.line(deliveries.order(company), sku)
    for asked in ({}, {"show": "all"}, {"ship_to": "A1"}, {"level": "order"}):
        text = b"".join(client.get(reverse(EXPORT), asked | {"format": "csv"}).streaming_content)  # type: ignore[attr-defined]
        assert b"FOREIGN" not in text
    assert b"OWN" in b"".join(client.get(reverse(EXPORT), {"format": "csv"}).streaming_content)  # type: ignore[attr-defined]


def test_somebody_without_a_role_gets_no_file(client: Client) -> None:
    actor = people.acting(client)
    actor.membership.delete()  # type: ignore[union-attr]
    assert client.get(reverse(EXPORT)).status_code in {302, 403}


# --- the page and its print ----------------------------------------------------------------------------------------


def test_the_page_teaches_when_empty_and_shows_overdue_first(client: Client) -> None:
    actor = people.acting(client)
    assert "Nothing is missing" in client.get(reverse("missing-goods")).text
    order = deliveries.order(actor.sold_to, "SO/1")
    deliveries.line(order, "A-1", promised_on=NOW.date() - dt.timedelta(days=3))
    page = client.get(reverse("missing-goods")).text
    assert "overdue since" in page
    assert "item=A" in client.get(reverse("missing-goods"), {"item": "A"}).text
    assert "Nothing matches" in client.get(reverse("missing-goods"), {"item": "Z"}).text
    assert "A-1" in client.get(reverse("missing-goods-print")).text


@pytest.mark.parametrize(
    "typed", [{"page": "x"}, {"page": "99999"}, {"placed_from": "soon"}, {"show": "x", "level": "y"}, {"ship_to": "F"}]
)
def test_rubbish_in_the_address_is_no_error(client: Client, typed: dict[str, str]) -> None:
    people.acting(client)
    assert client.get(reverse("missing-goods"), typed).status_code == 200


# --- links --------------------------------------------------------------------------------------------------------


def shared_link(actor: object, **query: object) -> str:
    _link, token = services.make_link(
        actor=actor, query=ReportQuery(**query), label="Site", days=7, now=NOW  # type: ignore[arg-type]
    )  # fmt: skip
    return reverse("shared-missing-goods", kwargs={"token": token})


def test_whoever_has_the_link_reads_the_report_without_log_in_and_without_prices() -> None:
    actor = people.buyer()
    line = deliveries.line(deliveries.order(actor.sold_to, "SO/1"), "A-1", net_price=Decimal("987.65"))
    deliveries.line(line.order, "BOLT-1")
    deliveries.line(deliveries.order(people.sold_to()), "FOREIGN")
    answer = Client().get(shared_link(actor, item="A-"))
    assert answer.status_code == 200
    assert "A-1" in answer.text
    assert "BOLT-1" not in answer.text
    assert "FOREIGN" not in answer.text
    assert "987.65" not in answer.text
    assert reverse("order-detail", kwargs={"number": "SO/1"}) not in answer.text
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "sessionid" not in answer.cookies


def test_the_token_is_nowhere_in_the_database() -> None:
    address = shared_link(people.buyer())
    token = address.rstrip("/").rsplit("/", 1)[1].split(":")[0]
    assert token not in str(ReportLink.objects.values_list())


def test_a_link_that_is_over_ended_forged_or_of_a_closed_company_is_not_there() -> None:
    actor = people.buyer()
    address = shared_link(actor)
    link = ReportLink.objects.get()
    assert Client().get(address).status_code == 200
    assert Client().get(reverse("shared-missing-goods", kwargs={"token": link.token_hash})).status_code == 404
    assert Client().get(address[:-3] + "x/").status_code == 404
    assert "Ask whoever sent it to you" in Client().get(address[:-3] + "x/").text
    for changes in ({"expires_at": NOW - dt.timedelta(seconds=1)}, {"revoked_at": NOW}):
        before = {name: getattr(link, name) for name in changes}
        ReportLink.objects.update(**changes)
        assert Client().get(address).status_code == 404
        ReportLink.objects.update(**before)
    actor.sold_to.is_active = False
    actor.sold_to.save()
    assert Client().get(address).status_code == 404


def test_a_link_is_made_shown_once_and_ended_by_its_company_only(client: Client) -> None:
    actor = people.acting(client)
    address = reverse("missing-goods-links")
    made = client.post(f"{address}?item=A", {"label": "Site", "days": "30"})
    assert "/shared/missing-goods/" in made.text
    assert "/shared/missing-goods/" not in client.get(address).text
    link = ReportLink.objects.get()
    assert link.filters == {"item": "A"}
    end = reverse("missing-goods-link-end", kwargs={"pk": link.pk})
    assert people.log_in(Client(), people.buyer()).post(end).status_code == 404
    assert client.post(end).status_code == 302
    assert client.post(end).status_code == 404
    assert AuditEntry.objects.filter(action__startswith="report.").count() == 2
    assert actor.sold_to == link.sold_to


def test_a_rep_in_a_session_shares_nothing_and_gets_no_mail(client: Client) -> None:
    actor = people.assisting()
    people.log_in(client, actor)
    assert client.get(reverse("missing-goods")).status_code == 200
    assert client.post(reverse("missing-goods-links"), {"label": "", "days": "7"}).status_code == 403
    assert client.post(reverse("missing-goods-weekly"), {"wanted": "yes"}).status_code == 403
    with pytest.raises(NotPermitted):
        shared_link(actor)
    assert not ReportLink.objects.exists()


def test_there_is_an_end_to_links_and_to_their_days() -> None:
    actor = people.buyer()
    for _n in range(services.MOST_LINKS):
        shared_link(actor)
    with pytest.raises(LinkRefused, match="20 links already"):
        shared_link(actor)
    with pytest.raises(LinkRefused, match="how long"):
        services.make_link(actor=people.buyer(), query=ReportQuery(), label="", days=3650, now=NOW)


# --- every week ---------------------------------------------------------------------------------------------------


def test_the_weekly_mail_tells_who_wants_it_once_a_week_and_only_if_something_is_missing(client: Client) -> None:
    actor = people.acting(client)
    client.post(reverse("missing-goods-weekly"), {"wanted": "yes"})
    client.post(reverse("missing-goods-weekly"), {"wanted": "yes"})
    assert services.send_weekly(now=NOW) == 0
    deliveries.line(deliveries.order(actor.sold_to))
    assert services.send_weekly(now=NOW) == 1
    services.send_weekly(now=NOW)
    assert Notice.objects.filter(event="missing_goods", person=actor.user).count() == 1
    services.send_weekly(now=NOW + dt.timedelta(days=7))
    assert Notice.objects.filter(event="missing_goods").count() == 2
    client.post(reverse("missing-goods-weekly"), {"wanted": "no"})
    assert not WeeklyReport.objects.exists()


def test_who_left_the_company_is_told_nothing() -> None:
    actor = people.buyer()
    deliveries.line(deliveries.order(actor.sold_to))
    services.tell_weekly(actor=actor, wanted=True, now=NOW)
    actor.membership.is_active = False  # type: ignore[union-attr]
    actor.membership.save()  # type: ignore[union-attr]
    assert services.send_weekly(now=NOW) == 0


def test_the_builders_write_into_the_mirror() -> None:
    deliveries.line(deliveries.order(people.sold_to()))
    assert (Order.objects.count(), OrderLine.objects.count()) == (1, 1)
