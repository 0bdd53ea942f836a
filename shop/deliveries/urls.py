"""Addresses of deliveries and of the missing-goods report."""

from django.urls import path

from shop.deliveries import shared_views, views

urlpatterns = [
    path("deliveries/", views.delivery_list, name="delivery-list"),
    path("deliveries/<docnum:number>/", views.delivery_detail, name="delivery-detail"),
    path("missing-goods/", views.missing, name="missing-goods"),
    path("missing-goods/print/", views.missing_print, name="missing-goods-print"),
    path("missing-goods/export/", views.missing_export, name="missing-goods-export"),
    path("missing-goods/weekly/", views.missing_weekly, name="missing-goods-weekly"),
    path("missing-goods/links/", views.missing_links, name="missing-goods-links"),
    path("missing-goods/links/<int:pk>/end/", views.missing_link_end, name="missing-goods-link-end"),
    path("shared/missing-goods/<str:token>/", shared_views.missing_shared, name="shared-missing-goods"),
]
