"""The shop's addresses with the list of orders cached for everybody: the control of cache_leak must see it leak."""

from django.urls import path
from django.views.decorators.cache import cache_page

from config.urls import handler403, handler404, handler500
from config.urls import urlpatterns as real
from shop.orders.views import order_list

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path("orders/", cache_page(60)(order_list), name="order-list"), *real]
