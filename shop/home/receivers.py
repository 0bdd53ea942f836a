"""What the shop holds of a person: handed out when he asks, forgotten where the law does not ask to keep it."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from accounts.signals import PersonErased, person_erased, personal_data_wanted
from shop.approvals.models import Approval
from shop.carts.models import Cart, CartLine
from shop.deliveries.models import WeeklyReport
from shop.knowledge.models import ArticleVote
from shop.lists.models import ItemList, RecurringOrder
from shop.messages.models import Message
from shop.orders.models import Order
from shop.quick.models import Pad, PadRow
from shop.quotes.models import Quote
from shop.uploads.models import StoredFile
from shop.watches.models import StockWatch


@receiver(personal_data_wanted, dispatch_uid="shop.home.personal_data")
def hand_out(person: User, **_kwargs: Any) -> dict[str, Any]:
    """Answer with his orders, quotes, messages, files and baskets."""
    return {
        "orders": list(Order.objects.filter(placed_by=person).values("reference", "placed_at", "customer_reference")),
        "approvals asked": list(Approval.objects.filter(asked_by=person).values("reference", "asked_at", "note")),
        "approvals decided": list(
            Approval.objects.filter(decided_by=person).values("reference", "decided_at", "reason")
        ),
        "quotes": list(Quote.objects.filter(requested_by=person).values("reference")),
        "messages": list(Message.objects.filter(author=person).values("created_at", "text")),
        "files": list(StoredFile.objects.filter(uploaded_by=person).values("name")),
        "basket": list(CartLine.objects.filter(cart__user=person).values("sku", "quantity")),
        "lists": list(ItemList.objects.filter(owner=person).values("name", "created_at")),
        "items waited for": list(StockWatch.objects.filter(person=person).values("sku", "asked_at", "told_at")),
        "weekly missing goods": list(WeeklyReport.objects.filter(person=person).values("sold_to__name")),
        "guides judged": list(ArticleVote.objects.filter(person=person).values("article__title", "is_helpful", "at")),
        "pad": list(PadRow.objects.filter(pad__user=person).values("typed", "typed_quantity")),
    }


@receiver(person_erased, dispatch_uid="shop.home.erase")
def forget(event: PersonErased, **_kwargs: Any) -> None:
    """Delete his baskets, pads, own lists and what he waits for; orders, and lists of his whole company, stay."""
    Cart.objects.filter(user_id=event.person_id).delete()
    Pad.objects.filter(user_id=event.person_id).delete()
    ItemList.objects.filter(owner_id=event.person_id, is_shared=False).delete()
    RecurringOrder.objects.filter(person_id=event.person_id).delete()
    StockWatch.objects.filter(person_id=event.person_id).delete()
    WeeklyReport.objects.filter(person_id=event.person_id).delete()
