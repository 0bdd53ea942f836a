"""Addresses of the pages about people and companies."""

from django.urls import path

from accounts import desk_views, views

urlpatterns = [
    path("account/", views.profile, name="profile"),
    path("account/company/", views.company_switch, name="company-switch"),
    path("account/acted-for-us/", views.acted_for_us, name="acted-for-us"),
    path("account/people/", views.people, name="people"),
    path("account/people/invite/", views.person_invite, name="person-invite"),
    path("account/people/<int:pk>/disable/", views.person_disable, name="person-disable"),
    path("account/people/<int:pk>/enable/", views.person_enable, name="person-enable"),
    path("account/invitations/<int:pk>/resend/", views.invitation_resend, name="invitation-resend"),
    path("account/invitations/<int:pk>/revoke/", views.invitation_revoke, name="invitation-revoke"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("invitation/", views.invitation_accept, name="invitation-accept"),
    path("rep/", desk_views.rep_desk, name="rep-desk"),
    path("rep/end/", desk_views.assisted_end, name="assisted-end"),
    path("rep/assist/<str:number>/", desk_views.assisted_start, name="assisted-start"),
    # Log-in addresses are changed by an invitation, never by their owner alone.
    path("accounts/email/", views.profile_redirect, name="account_email"),
]
