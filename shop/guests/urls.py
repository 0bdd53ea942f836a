"""Addresses of the catalogue for guests."""

from django.urls import path

from shop.guests import views

urlpatterns = [
    path("catalogue/", views.guest_catalogue, name="guest-catalogue"),
    path("catalogue/<path:sku>/", views.guest_item_page, name="guest-item"),
]
