"""Settings of the definitions with their defaults (docs/metrics.md, "Settings")."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal

MOST_DAYS = 3660
MOST = 1_000_000
WINDOWS = frozenset(
    {
        "decay_baseline_days",
        "decay_recent_days",
        "leak_baseline_days",
        "leak_recent_days",
        "migration_look_back_days",
        "score_days",
    }
)
SHARES = frozenset({"decay_alert", "leak_clear_share", "leak_recent_share", "leak_share", "retained_share"})
SETS = frozenset({"neutral", "online"})


def limits_of(name: str) -> tuple[int, int] | None:
    """Return the smallest and largest value of a setting; None for a set of channels. Forms use it too.

    >>> limits_of("leak_share"), limits_of("score_days"), limits_of("online")
    ((0, 1), (1, 3660), None)
    """
    if name in SETS:
        return None
    if name in SHARES:
        return 0, 1
    return int(name in WINDOWS), MOST_DAYS if name.endswith("_days") else MOST


@dataclass(frozen=True, slots=True)
class Settings:
    """What a manager may choose. Names end in their unit; shares are between 0 and 1.

    Attributes:
        online: Channels that count as self-service in the shop.
        neutral: Digital channels that are not the shop: in denominators, ignored by migration, retention and leaks.
        retention_days: Horizon of channel retention (M13). `retained_share`: ONLINE share that is "stayed".
        returning_days: Days in which a returning buyer must order again (M15).
        migration_look_back_days: How old an offline order may be that makes an account "migrated" (M12, M13).
        tracking_days: How long after an order opening it counts as tracking (M3).
        search_window_s: A search repeated sooner is dropped (M5).
        contact_days: Days after a sales contact in which an order makes it converted (M10).
        leak_*: Windows and limits of the leak and churn alerts (M17).
        reactivation_days: Silence online after which an order is a reactivation (M17).
        score_days: Window of the adoption score (M7).
        decay_*: Windows and limits of log-in decay (M8).
        sla_minutes: Business minutes in which a quote must be answered (M26).
        quote_to_order_days: How long a quote may take to become an order (M26).
        lead_days, lead_dedupe_days: How long revenue counts for a lead; how long the same person is one lead (M25).
        delivery_tolerance_days: Days late that still count as on time (M23).
        session_timeout_minutes: A session ends after so long without events; the recorder uses it.
        ropo_days: How long before an offline order a product view counts as research (M28).
    """

    online: frozenset[str] = frozenset({"web_self", "punchout"})
    neutral: frozenset[str] = frozenset({"edi"})
    retention_days: int = 180
    migration_look_back_days: int = 365
    tracking_days: int = 90
    search_window_s: int = 60
    retained_share: Decimal = Decimal("0.5")
    returning_days: int = 365
    contact_days: int = 7
    leak_recent_days: int = 90
    leak_baseline_days: int = 180
    leak_min_online: int = 3
    leak_share: Decimal = Decimal("0.60")
    leak_min_recent: int = 2
    leak_recent_share: Decimal = Decimal("0.20")
    leak_clear_share: Decimal = Decimal("0.50")
    reactivation_days: int = 180
    score_days: int = 84
    decay_recent_days: int = 28
    decay_baseline_days: int = 84
    decay_min: Decimal = Decimal(2)
    decay_alert: Decimal = Decimal("0.5")
    sla_minutes: int = 240
    quote_to_order_days: int = 90
    lead_days: int = 180
    lead_dedupe_days: int = 90
    delivery_tolerance_days: int = 0
    session_timeout_minutes: int = 30
    ropo_days: int = 30

    def __post_init__(self) -> None:
        """Refuse what no metric can be computed with.

        >>> Settings(score_days=0)
        Traceback (most recent call last):
        ValueError: score_days: must be from 1 to 3660, not 0
        """
        for one in fields(self):
            limits = limits_of(one.name)
            value = getattr(self, one.name)
            if limits and not limits[0] <= value <= limits[1]:
                raise ValueError(f"{one.name}: must be from {limits[0]} to {limits[1]}, not {value}")

    def differences(self) -> dict[str, tuple[object, object]]:
        """Return what differs from the defaults: name -> (now, default). Every report shows it.

        >>> Settings().differences(), Settings(tracking_days=30).differences()
        ({}, {'tracking_days': (30, 90)})
        """
        default = Settings()
        pairs = {one.name: (getattr(self, one.name), getattr(default, one.name)) for one in fields(self)}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
