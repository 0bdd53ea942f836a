"""People in the admin: buyers and our own."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import privacy, services
from accounts.admin.parts import AuditedAdmin, badge, user_of, when
from accounts.errors import AccountsError
from accounts.models import (
    Membership,
    StaffRole,
    User,
)


class MembershipOfPerson(admin.TabularInline):
    """For which companies a person may order; to be changed at the company."""

    model = Membership
    extra = 0
    fields = ("sold_to", "role", "is_active", "created_at")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say no: an invitation does it."""
        return False


@admin.register(User)
class PersonAdmin(AuditedAdmin):
    """Buyers and our own people. Passwords are never set here.

    A link by mail lets the person choose.
    """

    list_display = ("email", "full_name", "what", "companies", "state", "last_seen")
    list_filter = ("staff_role", "memberships__role", "is_active")
    search_fields = ("email", "first_name", "last_name", "memberships__sold_to__name")
    ordering = ("email",)
    fields = (
        "email",
        ("first_name", "last_name"),
        "language",
        ("what", "state"),
        "is_test",
        ("last_login", "date_joined"),
    )
    readonly_fields = ("what", "state", "last_login", "date_joined")
    inlines = (MembershipOfPerson,)
    actions = ("send_password_link", "disable", "enable", "make_rep", "make_manager", "export_data", "erase")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Bring the companies along."""
        open_ones = Membership.objects.filter(is_active=True).select_related("sold_to")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", open_ones))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep the address of somebody who exists: his log-in hangs on it."""
        return self.readonly_fields if obj is None else ("email", *self.readonly_fields)

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        """Show companies of somebody who exists; a new person has none."""
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        """Give a new person no password, and a link by mail to choose one."""
        if not change:
            obj.email = obj.email.lower()
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            _send_password_link(request, obj)

    @admin.display(description=_("name"), ordering="last_name")
    def full_name(self, person: User) -> str:
        """Return first and last name."""
        return person.get_full_name()

    @admin.display(description=_("role"), ordering="staff_role")
    def what(self, person: User) -> str:
        """Return what the person does here."""
        if person.is_superuser:
            return gettext("administrator")
        return str(StaffRole(person.staff_role).label) if person.staff_role else gettext("buyer")

    @admin.display(description=_("last log-in"), ordering="last_login")
    def last_seen(self, person: User) -> str:
        """Return when the person last logged in."""
        return when(person.last_login)

    @admin.display(description=_("companies"))
    def companies(self, person: User) -> str:
        """Return the companies the person may order for."""
        return ", ".join(membership.sold_to.name for membership in person.memberships.all())

    @admin.display(description=_("state"), ordering="is_active")
    def state(self, person: User) -> SafeString:
        """Say whether the person may log in."""
        return badge("good", gettext("may log in")) if person.is_active else badge("bad", gettext("disabled"))

    @admin.action(description=_("Send a link to choose a password"), permissions=["change"])
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Mail each person the link that the log-in page would send."""
        for person in queryset.filter(is_active=True):
            _send_password_link(request, person)
        self.message_user(request, gettext("The links are on their way."), messages.SUCCESS)

    @admin.action(description=_("Disable and end every session"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Lock people out at once."""
        ended = 0
        for person in self._changeable(request, queryset):
            try:
                ended += services.disable_person(person=person, by=user_of(request), now=timezone.now())
            except AccountsError as error:
                self.message_user(request, str(error), messages.ERROR)
        words = ngettext("%(n)d open session was ended.", "%(n)d open sessions were ended.", ended)
        self.message_user(request, words % {"n": ended}, messages.SUCCESS)

    @admin.action(description=_("Let log in again"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Let disabled people in again."""
        for person in self._changeable(request, queryset):
            services.enable_person(person=person, by=user_of(request), now=timezone.now())

    @admin.action(description=_("Make sales rep"), permissions=["change"])
    def make_rep(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Give people without a company the rep's desk."""
        for person in self._changeable(request, queryset):
            if person.memberships.all():
                words = gettext("%(person)s belongs to a customer's company; nothing was changed.")
                self.message_user(request, words % {"person": person}, messages.ERROR)
            else:
                services.grant_rep(person=person, by=user_of(request), now=timezone.now())

    @admin.action(description=_("Make manager (administrators only)"), permissions=["change"])
    def make_manager(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Give people the manager's rights; only an administrator can."""
        if not user_of(request).is_superuser:
            words = gettext("Only an administrator can make managers; nothing was changed.")
            self.message_user(request, words, messages.ERROR)
            return
        for person in queryset.filter(memberships=None):
            services.grant_manager(person=person, by=user_of(request), now=timezone.now())

    @admin.action(description=_("Hand out what we hold of a person (one file)"), permissions=["change"])
    def export_data(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Send one person's data as JSON."""
        chosen = list(self._changeable(request, queryset))
        if len(chosen) != 1:
            self.message_user(request, gettext("Choose exactly one person; nothing was sent."), messages.ERROR)
            return None
        found = privacy.export(person=chosen[0], by=user_of(request), now=timezone.now())
        answer = JsonResponse(found, json_dumps_params={"indent": 1, "ensure_ascii": False})
        answer["Content-Disposition"] = f'attachment; filename="person-{chosen[0].pk}.json"'
        return answer

    @admin.action(description=_("Erase a person for ever"), permissions=["change"])
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Ask once more, then forget."""
        chosen = list(self._changeable(request, queryset))
        if request.POST.get("confirmed") != "yes":
            context = self.admin_site.each_context(request) | {
                "title": gettext("Erase for ever?"),
                "people": chosen,
                "opts": self.opts,
            }
            return TemplateResponse(request, "admin/accounts/user/erase.html", context)
        for person in chosen:
            try:
                privacy.erase(person=person, by=user_of(request), now=timezone.now())
            except AccountsError as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.message_user(request, gettext("Erased. Orders and counts stay, without a name."), messages.SUCCESS)
        return None

    def _changeable(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return those the person may change.

        A manager not his fellow managers and administrators.
        """
        if user_of(request).is_superuser:
            return queryset
        return queryset.filter(is_superuser=False).exclude(staff_role=StaffRole.MANAGER)


def _send_password_link(request: HttpRequest, person: User) -> None:
    get_adapter(request).queue_password_link(person.email)
