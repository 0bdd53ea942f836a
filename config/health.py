"""Is the shop alive (/healthz), and is each part of it well (/readyz)?"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.core.cache import cache, caches
from django.db import DatabaseError, connection
from django.db.models import F
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError

from config import jobs
from config.celery import app as celery_app
from erp_sync import gateway
from erp_sync.mirror.models import SyncState
from erp_sync.outbox.models import OutboxRow, OutboxState

State = Literal["ok", "degraded", "down"]

# Three missed heartbeats and a little: then nobody works on the queue.
HEARTBEAT_LIMIT = timedelta(seconds=jobs.HEARTBEAT_S * 3 + 5)
MIRROR_LIMIT = timedelta(minutes=30)
OUTBOX_LIMIT = timedelta(minutes=15)
PROBE_KEY = "readyz-probe"


@dataclass(frozen=True)
class Part:
    """How one part of the shop is: `detail` is for the operator, in English."""

    name: str
    state: State
    detail: str


@never_cache
def alive(request: HttpRequest) -> HttpResponse:
    """Answer that the process runs; touches nothing."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer how each part is; 503 only without the database: the shop outlives the rest."""
    parts = all_parts(now=timezone.now())
    down = any(part.name == "database" and part.state == "down" for part in parts)
    body = {"ready": not down, "parts": {part.name: asdict(part) for part in parts}}
    response = JsonResponse(body, status=503 if down else 200)
    if down:
        response.headers["Retry-After"] = "10"
    return response


def all_parts(*, now: datetime) -> list[Part]:
    """Return every part's state; without the database only what does not need it."""
    database = database_part()
    if database.state == "down":
        return [database, broker_part()]
    timed = (workers_part, mirror_part, outbox_part)
    return [database, cache_part(), broker_part(), erp_part(), *(part(now=now) for part in timed)]


def database_part() -> Part:
    """Ask the database one question."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return Part("database", "down", f"no answer: {_first_line(error)}")
    return Part("database", "ok", "answers")


def cache_part() -> Part:
    """Write and read one value; without Redis each process uses its own memory."""
    try:
        cache.set(PROBE_KEY, "1", 10)
        kept = cache.get(PROBE_KEY) == "1"
    except DatabaseError as error:
        return Part("cache", "down", f"the cache table does not answer: {_first_line(error)}")
    # Only ours has it; its module is not imported here, as Redis' client takes 5 MiB of every web worker.
    redis_answers = getattr(caches["default"], "redis_answers", None)
    if redis_answers is not None and not redis_answers():
        return Part("cache", "degraded", "Redis does not answer; each process uses its own memory")
    return Part("cache", "ok" if kept else "degraded", "keeps values" if kept else "does not keep values")


def broker_part() -> Part:
    """Open a connection to the broker, at most half a second."""
    try:
        with celery_app.connection_for_write(connect_timeout=0.5) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=0.5)
    except (OperationalError, OSError) as error:
        return Part(
            "broker",
            "degraded",
            f"no answer; the sweep goes on from the database: {_first_line(error)}",
        )
    return Part("broker", "ok", "answers")


def erp_part() -> Part:
    """Say how the shop's own calls to the ERP go, by their breakers; asks the ERP nothing."""
    operations = gateway.status()
    troubled = [each.operation for each in operations if each.breaker != "closed"]
    if troubled:
        return Part("erp", "degraded", f"no usable answers lately: {', '.join(troubled)}")
    answered = max((each.last_success_at for each in operations if each.last_success_at), default=None)
    return Part("erp", "ok", f"last answer at {answered:%H:%M:%S} UTC" if answered else "not asked lately")


def note_heartbeat(*, queue: str, now: datetime) -> None:
    """Remember that a worker served `queue` at `now` (an aware time)."""
    cache.set(_heartbeat_key(queue), now.isoformat(), int(HEARTBEAT_LIMIT.total_seconds()) * 10)


def workers_part(*, now: datetime) -> Part:
    """Say which queues nobody served for 95 seconds."""
    silent = [queue for queue in jobs.QUEUES if not _is_served(queue, now=now)]
    if silent:
        return Part("workers", "degraded", f"nobody works on: {', '.join(silent)}")
    return Part("workers", "ok", "every queue is served")


def mirror_part(*, now: datetime) -> Part:
    """Say how old the last copy of the ERP's facts is, by its oldest kind."""
    try:
        oldest = SyncState.objects.order_by(F("last_success_at").asc(nulls_first=True)).first()
    except DatabaseError as error:
        return Part("mirror", "degraded", f"cannot be read: {_first_line(error)}")
    if oldest is None or oldest.last_success_at is None:
        return Part("mirror", "degraded", "not yet pulled from the ERP")
    age = now - oldest.last_success_at
    state: State = "ok" if age <= MIRROR_LIMIT else "degraded"
    return Part("mirror", state, f"{oldest.kind}: as of {int(age.total_seconds())} s ago")


def outbox_part(*, now: datetime) -> Part:
    """Say whether writes reach the ERP: the oldest open one, and those that wait for a person."""
    people = [OutboxState.DEAD, OutboxState.NEEDS_CHECK, OutboxState.NEEDS_REVIEW]
    moving = [OutboxState.READY, OutboxState.SENDING, OutboxState.CHECK]
    try:
        waiting = OutboxRow.objects.filter(state__in=people).count()
        late = OutboxRow.objects.filter(state__in=moving, created_at__lt=now - OUTBOX_LIMIT).count()
    except DatabaseError as error:
        return Part("outbox", "degraded", f"cannot be read: {_first_line(error)}")
    detail = f"{late} older than 15 minutes, {waiting} wait for a person"
    return Part("outbox", "degraded" if late or waiting else "ok", detail)


def _is_served(queue: str, *, now: datetime) -> bool:
    noted = parse_datetime(cache.get(_heartbeat_key(queue)) or "")
    return noted is not None and now - noted <= HEARTBEAT_LIMIT


def _heartbeat_key(queue: str) -> str:
    return f"heartbeat:{queue}"


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
