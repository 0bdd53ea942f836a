"""Address of a stored file."""

from django.urls import path

from shop.uploads import views

urlpatterns = [path("files/<uuid:key>/", views.stored_file, name="file")]
