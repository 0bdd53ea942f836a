"""Invitations, assisted sessions and the audit log in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat, Trim
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import assisted, invitations
from accounts.admin.parts import AuditedAdmin, ReadOnlyAdmin, badge, user_of, when
from accounts.errors import AccountsError
from accounts.middleware import ip_of
from accounts.models import (
    AssistedSession,
    AuditEntry,
    Invitation,
    User,
)

ACTIONS = {
    "admin_added": _("added in the administration"),
    "admin_changed": _("changed in the administration"),
    "assisted_start": _("assisted session started"),
    "assisted_end": _("assisted session ended"),
    "company_linked": _("company taken over from the ERP"),
    "eligibility_set": _("eligibility written"),
    "invitation_written": _("invitation written"),
    "invitation_resent": _("invitation sent again"),
    "invitation_revoked": _("invitation taken back"),
    "invitation_accepted": _("invitation accepted"),
    "membership_disabled": _("removed from the company"),
    "membership_enabled": _("brought back into the company"),
    "person_disabled": _("log-in disabled"),
    "person_enabled": _("log-in enabled"),
    "profile_changed": _("own profile changed"),
    "rep_assigned": _("sales rep assigned"),
    "role_changed": _("role changed"),
}
CAUSES = {
    "ended": _("ended by the rep"),
    "expired": _("60 minutes were over"),
    "idle": _("15 minutes without activity"),
    "signed_out": _("the rep logged out"),
    "unassigned": _("the customer was given to somebody else"),
    "disabled": _("the rep was disabled"),
    "stopped": _("stopped by a manager"),
}


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
    list_display = ("email", "sold_to", "role", "state", "invited_by", "written", "sent", "until")
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

    @admin.display(description=_("written"), ordering="created_at")
    def written(self, invitation: Invitation) -> str:
        """Return when it was written."""
        return when(invitation.created_at)

    @admin.display(description=_("sent"), ordering="sent_at")
    def sent(self, invitation: Invitation) -> str:
        """Return when its mail went out."""
        return when(invitation.sent_at)

    @admin.display(description=_("valid until"), ordering="expires_at")
    def until(self, invitation: Invitation) -> str:
        """Return when its link ends."""
        return when(invitation.expires_at)

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


class CauseFilter(admin.SimpleListFilter):
    """Choose sessions by how they ended."""

    title = _("how it ended")
    parameter_name = "cause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer every way a session ends, in words."""
        return [(cause, str(words)) for cause, words in CAUSES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AssistedSession]) -> QuerySet[AssistedSession]:
        """Return the sessions that ended so."""
        return queryset.filter(end_cause=self.value()) if self.value() else queryset


class RepFilter(admin.SimpleListFilter):
    """Choose sessions by the rep who acted."""

    title = _("sales rep")
    parameter_name = "rep"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those who ever acted for a customer, and nobody else."""
        acted = User.objects.filter(pk__in=AssistedSession.objects.values("rep"))
        return [(str(user.pk), str(user)) for user in acted.order_by("last_name", "first_name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AssistedSession]) -> QuerySet[AssistedSession]:
        """Return the sessions of the chosen rep."""
        return queryset.filter(rep__pk=str(self.value())) if self.value() else queryset


@admin.register(AssistedSession)
class AssistedAdmin(ReadOnlyAdmin):
    """Who acted for whom, why and how long."""

    list_display = ("rep", "sold_to", "reason", "started", "ended", "cause", "order_count")
    list_filter = ("started_at", CauseFilter, RepFilter)
    list_select_related = ("rep", "sold_to")
    search_fields = ("reason", "sold_to__name", "sold_to__number", "rep__email", "rep__last_name")
    date_hierarchy = "started_at"
    actions = ("end_now",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AssistedSession]:
        """Count the orders along."""
        found: QuerySet[AssistedSession] = super().get_queryset(request)
        return found.annotate(orders_n=Count("orders"))

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, session: AssistedSession) -> str:
        """Return when it began."""
        return when(session.started_at)

    @admin.display(description=_("ended"), ordering="ended_at")
    def ended(self, session: AssistedSession) -> str:
        """Return when it ended."""
        return when(session.ended_at)

    @admin.display(description=_("how it ended"), ordering="end_cause")
    def cause(self, session: AssistedSession) -> str:
        """Say how it ended, in words."""
        return str(CAUSES.get(session.end_cause, session.end_cause))

    @admin.display(description=_("orders"), ordering="orders_n")
    def order_count(self, session: Any) -> int:
        """Return how many orders were placed in the session."""
        return int(session.orders_n)

    @admin.action(description=_("End now"), permissions=["view"])
    def end_now(self, request: HttpRequest, queryset: QuerySet[AssistedSession]) -> None:
        """Close open sessions at once."""
        for session in queryset.filter(ended_at=None).select_related("rep", "sold_to"):
            assisted.end(assisted=session, cause="stopped", now=timezone.now(), ip=ip_of(request))


class ActionFilter(admin.SimpleListFilter):
    """Choose entries by what was done."""

    title = _("what was done")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer what was ever done."""
        done = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
        return [(action, words_of(action)) for action in done]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        """Return the entries of the chosen action."""
        return queryset.filter(action=self.value()) if self.value() else queryset


def words_of(action: str) -> str:
    """Return an action of the audit log in words."""
    return str(ACTIONS.get(action, action.replace("_", " ")))


@admin.register(AuditEntry)
class AuditAdmin(ReadOnlyAdmin):
    """The audit log; the database itself refuses to change it."""

    list_display = ("time", "who", "what", "sold_to", "in_session", "ip")
    list_filter = (ActionFilter, "at")
    list_select_related = ("sold_to",)
    search_fields = ("action", "object_id", "sold_to__name", "sold_to__number")
    date_hierarchy = "at"
    fields = ("time", "who", "actor_key", "what", "sold_to", "assisted", "object_type", "object_id", "detail", "ip")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Look up the names that belong to the keys today."""
        found: QuerySet[AuditEntry] = super().get_queryset(request)
        people = User.objects.filter(person_key=OuterRef("actor_key")).values("first_name", "last_name", "email")
        name = Trim(Concat("first_name", Value(" "), "last_name"))
        return found.annotate(
            actor_name=Subquery(people.annotate(name=name).values("name")[:1]),
            actor_email=Subquery(people.values("email")[:1]),
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry], search_term: str
    ) -> tuple[QuerySet[AuditEntry], bool]:
        """Find by people's names too."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        if search_term:
            found = found | queryset.filter(
                Q(actor_name__icontains=search_term) | Q(actor_email__icontains=search_term)
            )
        return found, has_duplicates

    @admin.display(description=_("who"), ordering="actor_name")
    def who(self, entry: Any) -> str:
        """Return a person's name as it is today; of one who was erased that he was."""
        if entry.actor_key is None:
            return gettext("the system")
        return entry.actor_name or entry.actor_email or gettext("an erased person")

    @admin.display(description=_("time"), ordering="at")
    def time(self, entry: AuditEntry) -> str:
        """Return when it was done."""
        return when(entry.at)

    @admin.display(description=_("what was done"), ordering="action")
    def what(self, entry: AuditEntry) -> str:
        """Say what was done, in words."""
        return words_of(entry.action)

    @admin.display(description=_("assisted"), boolean=True)
    def in_session(self, entry: AuditEntry) -> bool:
        """Say whether it was done in an assisted session."""
        return entry.assisted_id is not None
