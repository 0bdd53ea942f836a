"""restore_drill: the database goes back to an older copy while the ERP lives on; nothing is lost, nothing doubled."""

import dataclasses
import os
import subprocess
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import connection
from django.utils import timezone

from config import postgres
from config.postgres.programs import find_programs
from erp_sync import adapters
from erp_sync.adapters.fake_server import FakeServer
from erp_sync.outbox import exporter, services
from erp_sync.outbox.models import OutboxRow, OutboxState
from erp_sync.settling import rounds
from erp_sync.settling.models import Difference, Round
from erp_sync.settling.sides import SETTLING
from tests.reliability.conftest import FAST_LIMITS, HTTP_ADAPTER, queue_orders, states
from tests.reliability.drills.ground import place, say, wait_for

BEFORE, UNDER_WAY, AFTER = 300, 50, 150


def play(*, control: bool) -> list[str]:
    """Play it; the mistake is to let the export go on after the restore as if nothing had happened."""
    server = _erp()
    references = queue_orders(BEFORE + UNDER_WAY)
    _export(BEFORE)
    dump = place() / "older.dump"
    sums = _sums()
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={dump}")
    say(f"dumped with {BEFORE} orders in the ERP and {UNDER_WAY} under way: {dump.stat().st_size // 1024} KB")
    _export(UNDER_WAY)
    references += _more(AFTER)
    _export(AFTER)
    say(f"{AFTER} more orders came in; {len(server.orders())} are in the ERP")
    connection.close()
    _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--exit-on-error", str(dump))
    problems = [] if _sums() == sums else ["the restored tables differ from those that were dumped"]
    say(f"restored: {states()}")
    if not control:
        say(f"{services.doubt_all(now=timezone.now())} writes are looked up first")
    wait_for(_is_done, at_most_s=120)
    rounds.compare_documents(round=Round.NIGHTLY, now=timezone.now() + SETTLING)
    problems += _judge(server, references)
    server.stop()
    return problems


def _erp() -> FakeServer:
    """Return an ERP that takes a reference twice but can be asked."""
    server = FakeServer()
    server.erp.add_item("BOLT", "2.0000")
    server.erp.add_customer("c1")
    server.erp.capabilities = dataclasses.replace(server.erp.capabilities, enforces_reference=False)
    server.start()
    settings.ERP_ADAPTER, settings.ERP_URL = HTTP_ADAPTER, server.url
    settings.ERP_LIMITS = FAST_LIMITS
    settings.ERP_OPTIONS = {"enforces_reference": False, "max_processing_s": 0.2}
    adapters.load()
    return server


def _more(count: int) -> list[str]:
    """Queue orders whose numbers go on where the others ended."""
    numbers = [row.reference for row in OutboxRow.objects.all()]
    OutboxRow.objects.filter(reference__in=numbers).update(kind="earlier")
    made = queue_orders(count)
    for row in OutboxRow.objects.filter(kind="order"):
        row.reference = row.reference.replace("WEB-", "WEB-X")
        row.payload["order"]["reference"] = row.reference
        row.save()
    OutboxRow.objects.filter(kind="earlier").update(kind="order")
    return [one.replace("WEB-", "WEB-X") for one in made]


def _export(count: int) -> None:
    exporter.export_due(now=timezone.now(), limit=count, for_s=120)


def _is_done() -> bool:
    exporter.export_due(now=timezone.now())
    return set(states()) == {OutboxState.DONE}


def _sums() -> dict[str, str]:
    """Return a checksum of each table that an order is in."""
    found = {}
    with connection.cursor() as cursor:
        for table in ("erp_sync_outboxrow", "erp_sync_outboxattempt"):
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")  # noqa: S608 (ours)
            found[table] = str(cursor.fetchone()[0])
    return found


def _run(program: str, *arguments: str) -> None:
    """Run a program of the server's own version on the drill's database."""
    parts = urlsplit(postgres.url(place()))
    host = unquote(parts.hostname or "")
    found = find_programs(postgres.cluster_of(place())) / program
    where = ["--host", unquote(parts.netloc.partition("@")[2]) or host, "--username", parts.username or ""]
    last = ["--dbname", parts.path.lstrip("/")]
    subprocess.run(  # noqa: S603 (PostgreSQL's own)
        [str(Path(found)), *where, *last, *arguments], check=True, env=os.environ | {"LC_ALL": "C"}
    )


def _judge(server: FakeServer, references: list[str]) -> list[str]:
    found = server.orders()
    known = set(OutboxRow.objects.values_list("reference", flat=True))
    told = set(Difference.objects.filter(kind="ghost").values_list("reference", flat=True))
    lost = [one for one in references if one not in found or (one not in known and one not in told)]
    double = [one for one, numbers in found.items() if len(numbers) > 1]
    say(
        f"{len(references)} orders: {len(known)} known again, {len(told)} told to a person, "
        f"{len(lost)} lost, {len(double)} double"
    )
    return [f"{word}: {ones[:3]}" for word, ones in (("lost", lost), ("double", double)) if ones]
