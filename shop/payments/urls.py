"""Addresses of payments."""

from django.urls import path

from shop.payments import fake_views, hook_views, views

urlpatterns = [
    path("payments/", views.payment_list, name="payment-list"),
    path("payments/new/", views.payment_new, name="payment-new"),
    path("payments/hooks/<str:provider>/", hook_views.payment_hook, name="payment-hook"),
    path("payments/test-provider/<str:token>/", fake_views.fake_payment, name="fake-payment"),
    path("payments/<str:reference>/", views.payment_detail, name="payment-detail"),
    path("payments/<str:reference>/state/", views.payment_state, name="payment-state"),
    path("payments/<str:reference>/go/", views.payment_go, name="payment-go"),
    path("payments/<str:reference>/return/", views.payment_return, name="payment-return"),
    path("payments/<str:reference>/give-up/", views.payment_give_up, name="payment-give-up"),
]
