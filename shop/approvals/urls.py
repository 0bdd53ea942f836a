"""Addresses of what a company sets for itself; approvals themselves are the orders'."""

from django.urls import path

from shop.approvals import company_views as views

urlpatterns = [
    path("company/rules/", views.rule_list, name="rule-list"),
    path("company/rules/new/", views.rule_new, name="rule-new"),
    path("company/rules/own/", views.self_approval, name="rule-own"),
    path("company/rules/<int:pk>/", views.rule_edit, name="rule-edit"),
    path("company/rules/<int:pk>/remove/", views.rule_remove, name="rule-remove"),
    path("company/cost-centres/", views.centre_list, name="centre-list"),
    path("company/cost-centres/new/", views.centre_new, name="centre-new"),
    path("company/cost-centres/<int:pk>/", views.centre_edit, name="centre-edit"),
    path("company/places/", views.places, name="company-places"),
    path("company/people/<int:pk>/", views.person_edit, name="person-edit"),
]
