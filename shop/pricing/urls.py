"""Addresses of prices."""

from django.urls import path

from shop.pricing import views

urlpatterns = [
    path("items/prices/", views.item_prices, name="item-prices"),
]
