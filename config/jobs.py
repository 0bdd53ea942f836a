"""What runs in the background: queues, routes, and the one list of what runs by the clock.

A task only wakes somebody up; the database remembers what is to be done. So a lost message costs
a few seconds.
"""

from pathlib import Path
from typing import Any

from celery.schedules import crontab

QUEUES = ("erp-export", "erp-sync", "reports", "mail")
DEFAULT_QUEUE = "mail"

ROUTES = {
    "erp_sync.outbox.*": {"queue": "erp-export"},
    "erp_sync.*": {"queue": "erp-sync"},
    "adoption.*": {"queue": "reports"},
    "shop.related.*": {"queue": "reports"},
}

HEARTBEAT_S = 30


def _every(task: str, seconds: int) -> dict[str, Any]:
    """Return a schedule entry whose message is worthless once the next one is due."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


SCHEDULE: dict[str, dict[str, Any]] = {
    "sweep-outbox": _every("erp_sync.outbox.tasks.sweep", 10),
    "pull-mirror": _every("erp_sync.mirror.tasks.pull", 30),
    "keep-prices": _every("erp_sync.mirror.tasks.keep_prices", 60),
    "remind-recurring": {
        "task": "shop.lists.tasks.remind",
        "schedule": crontab(minute="20"),
    },
    "forget-removed-lists": {
        "task": "shop.lists.tasks.forget_removed",
        "schedule": crontab(hour="4", minute="25"),
    },
    "sweep-payments": _every("shop.payments.tasks.sweep", 30),
    "tell-due-invoices": {
        "task": "shop.invoices.tasks.tell_due",
        "schedule": crontab(hour="6", minute="15"),
    },
    "fetch-pictures": _every("shop.catalogue.tasks.fetch_pictures", 60),
    "tell-of-renewed-sheets": {
        "task": "shop.catalogue.tasks.tell_of_renewed_sheets",
        "schedule": crontab(hour="5", minute="35"),
    },
    "tell-who-waits": _every("shop.watches.tasks.tell_who_waits", 300),
    "sweep-approvals": _every("shop.approvals.tasks.sweep", 300),
    "sweep-quotes": _every("shop.quotes.tasks.sweep", 30),
    "end-assisted": _every("accounts.tasks.end_overdue_sessions", 60),
    "watch-mirror": _every("shop.deliveries.tasks.watch_mirror", 60),
    "follow-returns": _every("shop.returns.tasks.follow_returns", 60),
    "watch-promises": {
        "task": "shop.deliveries.tasks.watch_promises",
        "schedule": crontab(minute="12"),
    },
    "mail-missing-goods": {
        "task": "shop.deliveries.tasks.send_weekly",
        "schedule": crontab(hour="6", minute="30", day_of_week="mon"),
    },
    "forget-sessions": {
        "task": "accounts.tasks.forget_expired_sessions",
        "schedule": crontab(hour="3", minute="40"),
    },
    "clear-unused-files": {
        "task": "shop.uploads.tasks.clear_unused",
        "schedule": crontab(hour="3", minute="50"),
    },
    "send-mails": _every("shop.notices.tasks.send_due", 15),
    "forget-notices": {
        "task": "shop.notices.tasks.forget_old",
        "schedule": crontab(hour="4", minute="5"),
    },
    "compare-hourly": {
        "task": "erp_sync.settling.tasks.compare_hourly",
        "schedule": crontab(minute="7"),
    },
    "compare-nightly": {
        "task": "erp_sync.settling.tasks.compare_nightly",
        "schedule": crontab(hour="3", minute="25"),
    },
    "compare-prices": {
        "task": "erp_sync.settling.tasks.compare_prices",
        "schedule": crontab(hour="5", minute="5"),
    },
    "compute-trust": {
        "task": "erp_sync.settling.tasks.compute_trust",
        "schedule": crontab(hour="4", minute="45"),
    },
    "feel-pulse": _every("erp_sync.connection.tasks.feel_pulse", 60),
    "forget-pulses": {
        "task": "erp_sync.connection.tasks.forget_pulses",
        "schedule": crontab(hour="4", minute="50"),
    },
    "reconcile-keys": {
        "task": "erp_sync.mirror.tasks.reconcile_keys",
        "schedule": crontab(hour="3", minute="10"),
    },
    "backfill-events": {
        "task": "adoption.events.tasks.backfill_recent",
        "schedule": crontab(hour="3", minute="40"),
    },
    "refresh-sums": _every("adoption.books.tasks.refresh_sums", 300),
    "close-books": {
        "task": "adoption.books.tasks.close_books",
        "schedule": crontab(hour="3", minute="50"),
    },
    "forget-events": {
        "task": "adoption.books.tasks.forget_old_events",
        "schedule": crontab(hour="4", minute="20"),
    },
    "mail-reports": _every("adoption.subscriptions.tasks.send_reports", 60),
    "tell-contact-requests": _every("adoption.voice.tasks.tell_requests", 30),
    "count-items-together": {
        "task": "shop.related.tasks.count_items_together",
        "schedule": crontab(hour="4", minute="40"),
    },
    "keep-account-scores": {
        "task": "adoption.coaching.tasks.keep_account_scores",
        "schedule": crontab(hour="4", minute="10"),
    },
    "choose-calls": {
        "task": "adoption.coaching.tasks.choose_calls",
        "schedule": crontab(hour="4", minute="30", day_of_week="mon"),
    },
}
for _queue in QUEUES:
    SCHEDULE[f"heartbeat-{_queue}"] = {
        "task": "config.tasks.heartbeat",
        "schedule": float(HEARTBEAT_S),
        "args": (_queue,),
        "options": {"queue": _queue, "expires": HEARTBEAT_S},
    }


def broker_options(broker_url: str, var_dir: Path) -> dict[str, Any]:
    """Return the broker's options: short waits for Redis, folders under `var_dir` for files."""
    if not broker_url.startswith("filesystem:"):
        return {"socket_connect_timeout": 0.5, "socket_timeout": 5.0, "visibility_timeout": 3600}
    folders = {name: var_dir / "celery" / name for name in ("messages", "processed", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "processed_folder": str(folders["processed"]),
        "control_folder": str(folders["control"]),
        "polling_interval": 0.2,
    }
