"""Invitations, assisted sessions and the audit log in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import assisted, invitations
from accounts.admin.parts import AuditedAdmin, ReadOnlyAdmin, badge, user_of
from accounts.errors import AccountsError
from accounts.middleware import ip_of
from accounts.models import (
    AssistedSession,
    AuditEntry,
    Invitation,
)


class InvitationForm(ModelForm):
    """A new invitation; refuses what would be useless."""

    class Meta:
        model = Invitation
        fields: ClassVar[list[str]] = ["email", "sold_to", "role", "language"]
        widgets: ClassVar[dict[str, Any]] = {"email": forms.EmailInput(attrs={"size": 40})}

    def clean(self) -> dict[str, Any]:
        """Ask the service's own question early, so that the answer stands at the form."""
        fields = super().clean() or self.cleaned_data
        if fields.get("email") and fields.get("sold_to"):
            try:
                invitations.refuse_useless(
                    email=fields["email"].strip().lower(), sold_to=fields["sold_to"], now=timezone.now()
                )
            except AccountsError as error:
                raise ValidationError(str(error)) from error
        return fields


@admin.register(Invitation)
class InvitationAdmin(AuditedAdmin):
    """The log of invitations: who was invited by whom, what became of it; send again, take back."""

    form = InvitationForm
    list_display = ("email", "sold_to", "role", "state", "invited_by", "created_at", "sent_at", "expires_at")
    list_filter = ("role", "created_at", "accepted_at")
    list_select_related = ("sold_to", "invited_by")
    search_fields = ("email", "sold_to__name", "sold_to__number")
    autocomplete_fields = ("sold_to",)
    actions = ("send_again", "take_back")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: an invitation is sent again or taken back, not rewritten."""
        return False

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: Any) -> None:
        """Invite through the service, so that token, mail and audit go with it."""
        written = invitations.invite(**form.cleaned_data, by=user_of(request), now=timezone.now())
        obj.pk = written.pk
        obj.refresh_from_db()

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> SafeString:
        """Say what became of it."""
        if invitation.accepted_at:
            return badge("good", gettext("accepted"))
        if invitation.revoked_at:
            return badge("", gettext("taken back"))
        if invitation.expires_at <= timezone.now():
            return badge("attention", gettext("too old"))
        return badge("info", gettext("sent")) if invitation.sent_at else badge("bad", gettext("not sent yet"))

    @admin.action(description=_("Send again, for another 14 days"), permissions=["add"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Renew and send."""
        for invitation in queryset:
            self._try(request, invitations.resend, invitation)

    @admin.action(description=_("Take back"), permissions=["add"])
    def take_back(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        """Close the links."""
        for invitation in queryset:
            self._try(request, invitations.revoke, invitation)

    def _try(self, request: HttpRequest, step: Any, invitation: Invitation) -> None:
        try:
            step(invitation=invitation, by=user_of(request), now=timezone.now())
        except AccountsError as error:
            self.message_user(request, f"{invitation.email}: {error}", messages.ERROR)
        else:
            self.message_user(request, f"{invitation.email}: " + gettext("done."), messages.SUCCESS)


@admin.register(AssistedSession)
class AssistedAdmin(ReadOnlyAdmin):
    """Who acted for whom, why and how long."""

    list_display = ("rep", "sold_to", "reason", "started_at", "ended_at", "end_cause", "order_count")
    list_filter = ("started_at", "end_cause", "rep")
    list_select_related = ("rep", "sold_to")
    search_fields = ("reason", "sold_to__name", "sold_to__number", "rep__email", "rep__last_name")
    date_hierarchy = "started_at"
    actions = ("end_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssistedSession]:
        """Count the orders along."""
        found: QuerySet[AssistedSession] = super().get_queryset(request)
        return found.annotate(orders_n=Count("orders"))

    @admin.display(description=_("orders"), ordering="orders_n")
    def order_count(self, session: Any) -> int:
        """Return how many orders were placed in the session."""
        return int(session.orders_n)

    @admin.action(description=_("End now"), permissions=["view"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[AssistedSession]) -> None:
        """Close open sessions at once."""
        for session in queryset.filter(ended_at=None).select_related("rep", "sold_to"):
            assisted.end(assisted=session, cause="stopped", now=timezone.now(), ip=ip_of(request))


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    """The audit log; the database itself refuses to change it."""

    list_display = ("at", "actor_label", "action", "sold_to", "object_type", "object_id", "in_session", "ip")
    list_filter = ("action", "object_type", "at")
    list_select_related = ("sold_to",)
    search_fields = ("actor_label", "action", "object_id", "sold_to__name", "sold_to__number")
    date_hierarchy = "at"

    @admin.display(description=_("assisted"), boolean=True)
    def in_session(self, entry: AuditEntry) -> bool:
        """Say whether it was done in an assisted session."""
        return entry.assisted_id is not None
