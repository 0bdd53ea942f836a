"""The real mirror pulls the stub's company: whole, again, and after an order moved from one set to another."""

import datetime as dt

import pytest

from erp_sync import records as r
from erp_sync.mirror import sync
from erp_sync.mirror.models import Customer, Invoice, Item, Order, Quarantine
from erp_sync.ports import MIRRORED
from tests.erp_sync.adapters.business_central.sample import World

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)


def pull(world: World, *, full: bool = False) -> dict[str, int]:
    """Pull all kinds; return how many changed of each."""
    rounds = sync.pull_all(now=NOW, full=full, erp=world.erp())
    assert [one.error for one in rounds] == [None] * len(MIRRORED)
    assert not Quarantine.objects.filter(settled_at=None).values_list("kind", "reason")
    return {one.kind: one.changed for one in rounds}


@pytest.mark.django_db
def test_the_mirror_takes_the_company_over_and_keeps_one_order_when_it_is_billed() -> None:
    world = World()
    assert pull(world, full=True)["orders"] == 5
    assert not any(pull(world).values()), "the second time nothing is new"
    assert sorted(Item.objects.filter(is_active=True).values_list("sku", flat=True)) == ["A", "B", "C"]
    assert {one.price_list for one in Customer.objects.all()} == {""}
    row = next(row for row in world.book.rows["salesOrders"].values() if not row["fullyShipped"])
    row |= {"orderDate": "2026-01-05", "requestedDeliveryDate": "2026-04-01"}
    world.book.touch(row)
    assert pull(world)["orders"] == 1
    before = Order.objects.get(erp_id=row["number"])
    lines = list(before.lines.order_by("line_no").values_list("erp_id", flat=True))
    world.book.ship(row)
    world.book.bill(row)
    changed = pull(world)
    assert (changed["orders"], changed["deliveries"], changed["invoices"]) == (1, 1, 1)
    after = Order.objects.get(erp_id=row["number"])
    assert (after.pk, after.status) == (before.pk, "completed")
    # The ERP has neither day any more.
    assert (after.placed_at.date(), after.requested_on) == (dt.date(2026, 1, 5), dt.date(2026, 4, 1))
    assert Invoice.objects.latest("invoiced_on").invoiced_on > after.placed_at.date()
    assert list(after.lines.order_by("line_no").values_list("erp_id", flat=True)) == lines
    assert (
        Invoice.objects.get(number=list(world.book.rows["salesInvoices"].values())[-1]["number"]).total == after.total
    )
    assert Order.objects.count() == 5
    assert r.Channel.EDI in {one.channel_hint for one in Order.objects.all()}
