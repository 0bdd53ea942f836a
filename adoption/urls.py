"""Addresses of what adoption asks and lets people write down; its reports live in the administration."""

from django.urls import path

from adoption.coaching import views as coaching
from adoption.subscriptions import views as subscriptions
from adoption.surveys import views as surveys
from adoption.voice import views as voice

urlpatterns = [
    path("rep/week/", coaching.rep_week, name="rep-week"),
    path("rep/week/<int:nudge>/invite/", coaching.rep_week_invite, name="rep-week-invite"),
    path("log/<str:number>/", voice.log_enquiry, name="log-enquiry"),
    path("log/<str:number>/undo/", voice.undo_enquiry, name="log-undo"),
    path("rep/requests/", voice.rep_requests, name="rep-requests"),
    path("rep/requests/<int:pk>/", voice.rep_request, name="rep-request"),
    path("contact/", voice.contact, name="contact"),
    path("report-mail/<str:token>/end/", subscriptions.end, name="report-mail-end"),
    path("survey/purchase/<str:reference>/", surveys.after_purchase, name="survey-purchase"),
    path("survey/visit/", surveys.at_home, name="survey-visit"),
    path("survey/answer/", surveys.answer, name="survey-answer"),
]
