"""Addresses of the catalogue. A SKU may hold a slash, so the longer addresses come first."""

from django.urls import path

from shop.catalogue import views

urlpatterns = [
    path("items/", views.item_list, name="item-list"),
    path("items/<path:sku>/picture/<str:version>/", views.item_image, name="item-image"),
    path("items/<path:sku>/documents/<str:document>/", views.item_document, name="item-document"),
    path("items/<path:sku>/", views.item_detail, name="item-detail"),
]
