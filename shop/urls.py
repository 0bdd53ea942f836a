"""All addresses of the shop: each room brings its own."""

from django.urls import include, path, register_converter

from shop.numbers import DocumentNumber

register_converter(DocumentNumber, "docnum")

urlpatterns = [
    path("", include("shop.home.urls")),
    path("", include("shop.pricing.urls")),
    path("", include("shop.related.urls")),
    path("", include("shop.catalogue.urls")),
    path("", include("shop.carts.urls")),
    path("", include("shop.approvals.urls")),
    path("", include("shop.orders.urls")),
    path("", include("shop.quick.urls")),
    path("", include("shop.lists.urls")),
    path("", include("shop.uploads.urls")),
    path("", include("shop.messages.urls")),
    path("", include("shop.quotes.urls")),
    path("", include("shop.deliveries.urls")),
    path("", include("shop.returns.urls")),
    path("", include("shop.invoices.urls")),
    path("", include("shop.payments.urls")),
    path("", include("shop.notices.urls")),
    path("", include("shop.visits.urls")),
    path("", include("shop.watches.urls")),
    path("", include("shop.guests.urls")),
    path("", include("shop.knowledge.urls")),
    path("", include("shop.branches.urls")),
]
