"""Addresses of the knowledge base."""

from django.urls import path

from shop.knowledge import views

urlpatterns = [
    path("help/", views.index, name="help-index"),
    path("help/suggest/", views.suggest, name="help-suggest"),
    path("help/<slug:topic>/", views.article, name="help-article"),
    path("help/<slug:topic>/vote/", views.vote, name="help-vote"),
]
