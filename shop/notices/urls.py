"""Addresses of notices."""

from django.urls import path

from shop.notices import views

urlpatterns = [
    path("notices/", views.notice_list, name="notices"),
    path("notices/read/", views.notices_read, name="notices-read"),
    path("notices/settings/", views.notice_settings, name="notice-settings"),
    path("notices/<int:pk>/", views.notice_open, name="notice-open"),
    path("unsubscribe/<str:token>/", views.unsubscribe, name="notice-unsubscribe"),
]
