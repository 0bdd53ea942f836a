"""What people type about people and companies."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import ResetPasswordForm, SignupForm
from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Role


class InvitedSignupForm(SignupForm):
    """Sign-up of somebody invited: his name and a password; the address is the invitation's."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    field_order = ["email", "first_name", "last_name", "password1", "password2"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget.attrs |= {"readonly": True, "autocomplete": "username"}


class PasswordLinkForm(ResetPasswordForm):
    """Asks for a link to choose a password. Who has a log-in is looked up by the worker that sends it."""

    def clean_email(self) -> str:
        """Take any address, without asking whether it is known."""
        return str(get_adapter().clean_email(self.cleaned_data["email"].lower()))

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Hand the address to a worker."""
        email = str(self.cleaned_data["email"])
        get_adapter(request).queue_password_link(email)
        return email


class AssistForm(forms.Form):
    """Why a rep acts for a customer."""

    reason = forms.CharField(
        label=_("Reason"),
        min_length=3,
        max_length=200,
        help_text=_("The customer sees it with your name."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class InvitePersonForm(forms.Form):
    """Somebody new of one's own company."""

    email = forms.EmailField(label=_("E-mail"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)


class ProfileForm(forms.Form):
    """One's own name and language."""

    first_name = forms.CharField(label=_("First name"), max_length=150)
    last_name = forms.CharField(label=_("Last name"), max_length=150)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
