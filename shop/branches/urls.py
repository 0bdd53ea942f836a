"""Address of a head office's page."""

from django.urls import path

from shop.branches import views

urlpatterns = [path("company/branches/", views.together, name="branches-together")]
