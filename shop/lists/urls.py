"""Addresses of lists and of what was bought before."""

from django.urls import path

from shop.lists import handover_views, views

urlpatterns = [
    path("lists/", views.list_index, name="list-index"),
    path("lists/new/", views.list_new, name="list-new"),
    path("lists/add/", views.list_add, name="list-add"),
    path("lists/<int:pk>/", views.list_detail, name="list-detail"),
    path("lists/<int:pk>/order/", views.list_order, name="list-order"),
    path("lists/<int:pk>/settings/", views.list_settings, name="list-settings"),
    path("lists/<int:pk>/recurring/", views.list_recurring, name="list-recurring"),
    path("basket/hand-over/", handover_views.basket_hand_over, name="basket-hand-over"),
    path("buy-again/", views.history, name="history"),
]
