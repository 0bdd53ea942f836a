"""The shop's addresses and some that leak, for the control of the matrix: it must find each of these."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler403, handler404, handler500
from config.urls import urlpatterns as real
from erp_sync.mirror.models import Order

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def read_leak(request: HttpRequest, number: str) -> HttpResponse:
    """Show anybody's order."""
    order = Order.objects.filter(number=number).first()
    if order is None:
        raise Http404
    return HttpResponse(order.customer_reference)


def write_leak(request: HttpRequest, number: str) -> HttpResponse:
    """Change anybody's order, and say nothing."""
    if request.method == "POST":
        Order.objects.filter(number=number).update(step="shipped")
    raise Http404


def tell_leak(request: HttpRequest, number: str) -> HttpResponse:
    """Tell by the status that somebody else's order exists."""
    if Order.objects.filter(number=number).exists():
        return HttpResponse(status=403)
    raise Http404


def method_leak(request: HttpRequest, number: str) -> HttpResponse:
    """Refuse a method only after a look at the order."""
    if request.method == "PUT" and Order.objects.filter(number=number).exists():
        return HttpResponse(status=405)
    raise Http404


def strange(request: HttpRequest, shoe_size: str) -> HttpResponse:
    """Stand for a route that somebody adds without a recipe."""
    return HttpResponse("")


urlpatterns = [
    path("orders/<str:number>/read-leak/", read_leak, name="order-read-leak"),
    path("orders/<str:number>/write-leak/", write_leak, name="order-write-leak"),
    path("orders/<str:number>/tell-leak/", tell_leak, name="order-tell-leak"),
    path("orders/<str:number>/method-leak/", method_leak, name="order-method-leak"),
    path("strange/<str:shoe_size>/", strange, name="strange"),
    *real,
]
