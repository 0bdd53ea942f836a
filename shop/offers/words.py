"""An offer as buyers read it, in their language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from erp_sync.mirror.tree import category_tree
from shop.money import formats
from shop.offers.models import Audience, Gives, Offer

MINUS = "\u2212"


@dataclass(frozen=True, slots=True)
class OfferWords:
    """What is shown of an offer.

    Attributes:
        headline: What it takes off, and until when.
        terms: Under which conditions, each a few words.
    """

    offer_id: int
    name: str
    headline: str
    text: str
    terms: tuple[str, ...]


def words_of(offers: Iterable[Offer]) -> tuple[OfferWords, ...]:
    """Return offers as they are shown."""
    language = get_language() or settings.LANGUAGE_CODE
    return tuple(
        OfferWords(one.pk, one.name_in(language), headline(one), one.text_in(language), tuple(_terms(one, language)))
        for one in offers
    )


def headline(offer: Offer) -> str:
    """Say in one line what it gives, and until when."""
    said = {"less": less(offer), "day": formats.date_short(offer.ends_on)}
    if offer.is_self_service:
        return _("%(less)s online until %(day)s") % said
    return _("%(less)s until %(day)s") % said


def less(offer: Offer) -> str:
    """Say what it takes off, in percent or money, with a minus before it."""
    if offer.gives == Gives.PERCENT:
        return f"{MINUS}{formats.quantity(offer.value)}\N{NO-BREAK SPACE}%"
    return f"{MINUS}{formats.money(offer.value, settings.COMPANY_CURRENCY)}"


def _terms(offer: Offer, language: str) -> Iterable[str]:
    if offer.minimum is not None:
        yield _("from %(amount)s, untaxed") % {"amount": formats.money(offer.minimum, settings.COMPANY_CURRENCY)}
    node = category_tree().get(offer.category_erp_id) if offer.category_erp_id else None
    if node is not None:
        yield _("on %(category)s") % {"category": node.name_in(language)}
    if offer.skus:
        many = ngettext("on %(n)s item", "on %(n)s items", len(offer.skus)) % {"n": len(offer.skus)}
        yield _("on %(skus)s") % {"skus": ", ".join(offer.skus)} if len(offer.skus) < 4 else many
    if offer.is_once:
        yield _("once for your company")
    if offer.audience == Audience.NEW:
        yield _("because you are new here")
    if offer.budget is not None:
        yield _("while it lasts")
