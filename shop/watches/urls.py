"""Addresses of watches."""

from django.urls import path

from shop.watches import views

urlpatterns = [
    path("watches/", views.watch_list, name="watch-list"),
]
