"""Addresses of orders and checkout."""

from django.urls import path

from shop.orders import approval_views, checkout_views, views, wish_views

urlpatterns = [
    path("checkout/", checkout_views.checkout, name="checkout"),
    path("approvals/", approval_views.approval_list, name="approval-list"),
    path("approvals/<docnum:number>/", approval_views.approval_detail, name="approval-detail"),
    path("approvals/<docnum:number>/approve/", approval_views.approval_approve, name="approval-approve"),
    path("approvals/<docnum:number>/decline/", approval_views.approval_decline, name="approval-decline"),
    path("approvals/<docnum:number>/change/", approval_views.approval_change, name="approval-change"),
    path("orders/", views.order_list, name="order-list"),
    path("orders/<docnum:number>/", views.order_detail, name="order-detail"),
    path("orders/<docnum:number>/placed/", checkout_views.placed, name="checkout-done"),
    path("orders/<docnum:number>/state/", checkout_views.placed_state, name="checkout-state"),
    path("orders/<docnum:number>/reorder/", views.order_reorder, name="order-reorder"),
    path("orders/<docnum:number>/pdf/", views.order_pdf, name="order-pdf"),
    path("orders/<docnum:number>/cancel/", wish_views.order_cancel, name="order-cancel"),
    path("orders/<docnum:number>/change/", wish_views.order_change, name="order-change"),
    path("orders/<docnum:number>/message/", wish_views.order_message, name="order-message"),
]
