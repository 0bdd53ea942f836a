"""Addresses of invoices."""

from django.urls import path

from shop.invoices import views

urlpatterns = [
    path("invoices/", views.invoice_list, name="invoice-list"),
    path("invoices/statement/", views.statement, name="invoice-statement"),
    path("invoices/<docnum:number>/", views.invoice_detail, name="invoice-detail"),
    path("invoices/<docnum:number>/pdf/", views.invoice_pdf, name="invoice-pdf"),
]
