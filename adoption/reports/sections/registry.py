"""The report's pages in the order of their tabs; the first one opens."""

from __future__ import annotations

from adoption.reports.sections import adoption, channels, coaching, money, plan, service, today
from adoption.reports.sections.scene import Section

SECTIONS: tuple[Section, ...] = (
    today.SECTION,
    adoption.SECTION,
    channels.SECTION,
    money.SECTION,
    service.SECTION,
    plan.SECTION,
    coaching.SECTION,
)
BY_KEY = {one.key: one for one in SECTIONS}
