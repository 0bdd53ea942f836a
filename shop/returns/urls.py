"""Addresses of returns."""

from django.urls import path

from shop.returns import views

urlpatterns = [
    path("returns/", views.return_list, name="return-list"),
    path("returns/new/<docnum:number>/<int:line_no>/", views.return_new, name="return-new"),
    path("returns/<docnum:number>/", views.return_detail, name="return-detail"),
    path("returns/<docnum:number>/message/", views.return_message, name="return-message"),
]
