"""Alive and ready."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from config import health, jobs, tasks
from erp_sync import gateway
from erp_sync.adapters import fake
from erp_sync.mirror.models import SyncState
from tests.config import processes

ASK_BOTH = """
import django, json
django.setup()
from django.test import Client
client = Client(SERVER_NAME="localhost")
alive, ready = client.get("/healthz"), client.get("/readyz")
retry_after = ready.headers.get("Retry-After")
print(json.dumps([alive.status_code, ready.status_code, retry_after, ready.json()]))
"""


@pytest.mark.django_db
def test_alive_touches_no_database(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_ready_names_every_part(client: Client) -> None:
    response = client.get("/readyz")
    parts = response.json()["parts"]
    assert response.status_code == 200
    assert set(parts) == {"database", "cache", "broker", "erp", "workers", "mirror", "outbox"}
    assert parts["database"]["state"] == "ok"
    assert parts["workers"]["detail"] == "nobody works on: erp-export, erp-sync, reports, mail"


@pytest.mark.django_db
def test_a_queue_is_served_as_long_as_its_heart_beats() -> None:
    for queue in jobs.QUEUES:
        tasks.heartbeat(queue)
    now = timezone.now()
    assert health.workers_part(now=now).state == "ok"
    late = health.workers_part(now=now + timedelta(seconds=100))
    assert (late.state, late.detail) == (
        "degraded",
        "nobody works on: erp-export, erp-sync, reports, mail",
    )


@pytest.mark.django_db
def test_the_mirror_is_as_old_as_its_oldest_kind() -> None:
    now = timezone.now()
    assert health.mirror_part(now=now).detail == "not yet pulled from the ERP"
    SyncState.objects.create(kind="items", last_success_at=now - timedelta(seconds=20))
    SyncState.objects.create(kind="orders", last_success_at=now - timedelta(seconds=70))
    fresh = health.mirror_part(now=now)
    assert (fresh.state, fresh.detail) == ("ok", "orders: as of 70 s ago")
    assert health.mirror_part(now=now + timedelta(hours=1)).state == "degraded"


@pytest.mark.django_db
def test_an_erp_that_stops_answering_opens_a_breaker_and_shows() -> None:
    gateway.forget()
    fake.shared().reset()
    assert health.erp_part().detail == "not asked lately"
    fake.shared().book.is_down = True
    for number in range(5):
        gateway.credit(f"c{number}")
    part = health.erp_part()
    gateway.forget()
    fake.shared().reset()
    assert (part.state, part.detail) == ("degraded", "no usable answers lately: credit")


def test_without_database_and_broker_the_process_is_alive_and_says_what_is_down() -> None:
    done = processes.run(
        "-c",
        ASK_BOTH,
        DJANGO_SETTINGS_MODULE="config.settings.demo",
        DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        REDIS_URL="redis://127.0.0.1:1/0",
    )
    assert done.returncode == 0, done.stderr
    alive, ready, retry_after, body = json.loads(done.stdout)
    assert (alive, ready, retry_after) == (200, 503, "10")
    assert body["ready"] is False
    assert body["parts"]["database"]["state"] == "down"
    assert body["parts"]["broker"]["state"] == "degraded"
