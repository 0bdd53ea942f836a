"""Addresses of the visit's sheet."""

from django.urls import path

from shop.visits import views

urlpatterns = [
    path("rep/customers/<str:number>/", views.rep_customer, name="rep-customer"),
]
