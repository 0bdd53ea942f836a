"""Addresses of this room."""

from django.urls import path

from shop.quotes import rep_views, views

urlpatterns = [
    path("quotes/", views.quote_list, name="quote-list"),
    path("quotes/new/", views.quote_new, name="quote-new"),
    path("quotes/<str:number>/", views.quote_detail, name="quote-detail"),
    path("quotes/<str:number>/accept/", views.quote_accept, name="quote-accept"),
    path("quotes/<str:number>/change/", views.quote_change, name="quote-change"),
    path("quotes/<str:number>/decline/", views.quote_decline, name="quote-decline"),
    path("quotes/<str:number>/message/", views.quote_message, name="quote-message"),
    path("quotes/<str:number>/versions/", views.quote_versions, name="quote-versions"),
    path("quotes/<str:number>/pdf/", views.quote_pdf, name="quote-pdf"),
    path("rep/quotes/", rep_views.rep_quote_list, name="rep-quote-list"),
    path("rep/quotes/<str:number>/", rep_views.rep_quote, name="rep-quote"),
    path("rep/quotes/<str:number>/extend/", rep_views.rep_quote_extend, name="rep-quote-extend"),
    path("rep/quotes/<str:number>/message/", rep_views.rep_quote_message, name="rep-quote-message"),
]
