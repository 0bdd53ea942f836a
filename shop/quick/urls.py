"""Addresses of quick order."""

from django.urls import path

from shop.quick import views

urlpatterns = [
    path("quick-order/", views.quick_order, name="quick-order"),
    path("quick-order/add/", views.quick_add, name="quick-add"),
    path("quick-order/rows/", views.quick_rows, name="quick-rows"),
    path("quick-order/check/", views.quick_check, name="quick-check"),
    path("quick-order/find/", views.quick_find, name="quick-find"),
    path("quick-order/template/", views.quick_template, name="quick-template"),
]
