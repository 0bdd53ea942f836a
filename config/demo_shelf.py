"""What the demo's staff wrote for buyers: guides, from config/demo_texts, and offers. Written again nothing changes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from accounts.selectors import company_day
from erp_sync.mirror.models import Item
from shop.knowledge.models import Article
from shop.offers.models import Audience, Gives, Offer

TEXTS = Path(__file__).parent / "demo_texts"
# Gloves, by the beginning of their numbers; nothing else of the demo is cheaper online.
OFFERED = "GUA-"


def write(*, now: dt.datetime) -> None:
    """Write the guides and offers that are missing."""
    day = company_day(now)
    for file in sorted(TEXTS.glob("*.md")):
        _write_article(file, day)
    if not Offer.objects.exists():
        _write_offers(day)


def _write_article(file: Path, day: dt.date) -> None:
    topic, language = file.stem.split(".")
    head, _blank, body = file.read_text(encoding="utf-8").partition("\n\n")
    told = dict(line.split(": ", 1) for line in head.splitlines())
    Article.objects.get_or_create(
        topic=topic,
        language=language,
        defaults={
            "title": told["title"],
            "body": body.strip(),
            "subject": told["subject"],
            "tags": told.get("tags", ""),
            "category_erp_id": _category(told.get("beside", "")),
            "published_on": day - dt.timedelta(days=60),
        },
    )


def _category(numbers: str) -> str:
    """Return the category of the items whose numbers begin so."""
    item = Item.objects.filter(sku__startswith=numbers, is_active=True).order_by("sku").first() if numbers else None
    return item.own_category_ids[0] if item and item.own_category_ids else ""


def _write_offers(day: dt.date) -> None:
    category = _category(OFFERED)
    if category:
        Offer.objects.create(
            names={"en": "Gloves for winter", "es": "Guantes para el invierno"},
            texts={"en": "Five pairs or fifty: everything that keeps hands whole.", "es": "Cinco pares o cincuenta."},
            starts_on=day - dt.timedelta(days=7),
            ends_on=day + dt.timedelta(days=30),
            category_erp_id=category,
            value=Decimal(5),
        )
    Offer.objects.create(
        names={"en": "Welcome credit", "es": "Crédito de bienvenida"},
        texts={"en": "For the first order of a company that is new in the shop.", "es": "Para el primer pedido."},
        starts_on=day + dt.timedelta(days=10),
        ends_on=day + dt.timedelta(days=100),
        audience=Audience.NEW,
        gives=Gives.AMOUNT,
        value=Decimal(20),
        minimum=Decimal(100),
        is_once=True,
    )
