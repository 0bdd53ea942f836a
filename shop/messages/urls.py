"""Addresses of the rep's conversations."""

from django.urls import path

from shop.messages import views

urlpatterns = [
    path("rep/messages/", views.rep_inbox, name="rep-inbox"),
    path("rep/messages/<int:pk>/", views.rep_thread, name="rep-thread"),
]
