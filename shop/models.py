"""Re-exports the rooms' models: Django looks here."""

from shop.approvals.models import (
    Approval,
    ApprovalLine,
    ApprovalMove,
    ApprovalRule,
    ApprovalStep,
    BudgetPeriod,
    Commitment,
)
from shop.carts.models import Cart, CartLine
from shop.deliveries.models import OrderShape, ReportLink, WatchMark, WeeklyReport
from shop.knowledge.models import Article, ArticleVote
from shop.lists.models import ItemList, ItemListChange, ItemListLine, RecurringOrder
from shop.messages.models import Message, ReadMark, Thread
from shop.notices.models import Notice, Preference
from shop.offers.models import Offer, OfferUse
from shop.orders.models import Order, OrderLine, OrderMove, OrderWish, Substitution
from shop.payments.models import Allocation, FakeCharge, Payment, PaymentMove, ProviderEvent
from shop.quick.models import Pad, PadRow
from shop.quotes.models import GuardRails, Quote, QuoteLine, QuoteMove, QuoteVersion, QuoteVersionLine
from shop.related.models import BoughtTogether
from shop.returns.models import Return, ReturnMove
from shop.uploads.models import StoredFile
from shop.watches.models import StockWatch

__all__ = [
    "Allocation",
    "Approval",
    "ApprovalLine",
    "ApprovalMove",
    "ApprovalRule",
    "ApprovalStep",
    "Article",
    "ArticleVote",
    "BoughtTogether",
    "BudgetPeriod",
    "Cart",
    "CartLine",
    "Commitment",
    "FakeCharge",
    "GuardRails",
    "ItemList",
    "ItemListChange",
    "ItemListLine",
    "Message",
    "Notice",
    "Offer",
    "OfferUse",
    "Order",
    "OrderLine",
    "OrderMove",
    "OrderShape",
    "OrderWish",
    "Pad",
    "PadRow",
    "Payment",
    "PaymentMove",
    "Preference",
    "ProviderEvent",
    "Quote",
    "QuoteLine",
    "QuoteMove",
    "QuoteVersion",
    "QuoteVersionLine",
    "ReadMark",
    "RecurringOrder",
    "ReportLink",
    "Return",
    "ReturnMove",
    "StockWatch",
    "StoredFile",
    "Substitution",
    "Thread",
    "WatchMark",
    "WeeklyReport",
]
