"""Addresses of the basket."""

from django.urls import path

from shop.carts import views

urlpatterns = [
    path("basket/", views.basket, name="basket"),
    path("basket/table/", views.basket_table, name="basket-table"),
    path("basket/add/", views.basket_add, name="basket-add"),
    path("basket/line/", views.basket_line, name="basket-line"),
]
