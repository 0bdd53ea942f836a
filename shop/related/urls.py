"""Addresses of what goes with an item; they come before the catalogue's, which take any SKU."""

from django.urls import path

from shop.related import views

urlpatterns = [
    path("items/<path:sku>/related/", views.item_related, name="item-related"),
]
