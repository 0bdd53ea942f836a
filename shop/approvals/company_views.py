"""Pages on which a company sets its own rules: everybody of it may read them, its administrator changes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor, ActorRequest
from accounts.errors import AccountsError
from accounts.permissions import Action, denied_while_assisted, may, require, require_actor
from accounts.selectors import company_day, membership_of, price_context, ship_tos
from shop.approvals import budgets, company_services, deciding, selectors
from shop.approvals.company_forms import CentreForm, PersonForm, RuleForm
from shop.approvals.errors import RuleRefused
from shop.approvals.models import ApprovalRule
from shop.approvals.periods import start_of
from shop.approvals.words import group_name

FORM = ("GET", "HEAD", "POST")


def _currency(actor: Actor) -> str:
    return price_context(sold_to=actor.sold_to).currency


@require_safe
@require_actor
@denied_while_assisted
def rule_list(request: ActorRequest) -> HttpResponse:
    """List the company's rules, in words that everybody understands."""
    rules = selectors.rules_of(actor=request.actor)
    context = {
        "rules": [(rule, group_name(rule.category_erp_id)) for rule in rules],
        "currency": _currency(request.actor),
        "manages": may(request.actor, Action.MANAGE_RULES),
        "approvers": deciding.approvers_of(request.actor.sold_to),
    }
    return render(request, "shop/approvals/rules.html", context)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def rule_new(request: ActorRequest) -> HttpResponseBase:
    """Make a rule."""
    require(request.actor, Action.MANAGE_RULES)
    return _rule_page(request, None)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def rule_edit(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Change a rule."""
    rule = selectors.rule_of(actor=request.actor, pk=pk)
    require(request.actor, Action.MANAGE_RULES)
    return _rule_page(request, rule)


def _rule_page(request: ActorRequest, rule: ApprovalRule | None) -> HttpResponseBase:
    actor = request.actor
    first = {name: getattr(rule, name) for name in RuleForm.base_fields} if rule else {"period": "month"}
    if rule:
        first |= {"order_over": rule.order_over, "period_over": rule.period_over}
    form = RuleForm(
        request.POST if request.method == "POST" else None,
        initial=first,
        centres=selectors.cost_centres_of(actor=actor, in_use=False),
        approvers=deciding.approvers_of(actor.sold_to),
        currency=_currency(actor),
    )
    if request.method == "POST" and form.is_valid():
        try:
            company_services.save_rule(actor=actor, rule=rule, data=form.data_of_rule(), now=timezone.now())
        except RuleRefused as error:
            form.add_error("period_over", str(error))
        else:
            messages.success(request, _("The rule is saved and holds from now on."))
            return redirect("rule-list")
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/approvals/rule_form.html", {"form": form, "rule": rule}, status=status)


@require_POST
@require_actor
@denied_while_assisted
def rule_remove(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Take a rule away."""
    rule = selectors.rule_of(actor=request.actor, pk=pk)
    company_services.remove_rule(actor=request.actor, rule=rule, now=timezone.now())
    messages.success(request, _("The rule is gone. Orders that wait because of it still need their approval."))
    return redirect("rule-list")


@require_POST
@require_actor
@denied_while_assisted
def self_approval(request: ActorRequest) -> HttpResponseBase:
    """Allow or forbid that approvers approve their own orders."""
    is_allowed = request.POST.get("allow") == "yes"
    company_services.set_self_approval(actor=request.actor, is_allowed=is_allowed, now=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("rule-list")


@require_safe
@require_actor
@denied_while_assisted
def centre_list(request: ActorRequest) -> HttpResponse:
    """List the cost centres with what is left of their budgets."""
    now = timezone.now()
    centres = selectors.cost_centres_of(actor=request.actor, in_use=False)
    context = {
        "rows": [budgets.standing(one, now) for one in centres],
        "currency": _currency(request.actor),
        "manages": may(request.actor, Action.MANAGE_RULES),
    }
    return render(request, "shop/approvals/centres.html", context)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def centre_new(request: ActorRequest) -> HttpResponseBase:
    """Make a cost centre."""
    require(request.actor, Action.MANAGE_RULES)
    return _centre_page(request, None)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def centre_edit(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Change a cost centre."""
    centre = selectors.cost_centre_of(actor=request.actor, pk=pk)
    require(request.actor, Action.MANAGE_RULES)
    return _centre_page(request, centre)


def _centre_page(request: ActorRequest, centre: Any) -> HttpResponseBase:
    names = ("code", "name", "budget", "period", "is_active")
    first = {name: getattr(centre, name) for name in names} if centre else {"period": "month"}
    form = CentreForm(
        request.POST if request.method == "POST" else None, initial=first, currency=_currency(request.actor)
    )
    if request.method == "POST" and form.is_valid():
        try:
            company_services.save_cost_centre(
                actor=request.actor, centre=centre, data=form.data_of_centre(), now=timezone.now()
            )
        except RuleRefused as error:
            form.add_error("code", str(error))
        else:
            messages.success(request, _("The cost centre is saved."))
            return redirect("centre-list")
    status = 422 if request.method == "POST" else 200
    return render(request, "shop/approvals/centre_form.html", {"form": form, "centre": centre}, status=status)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def places(request: ActorRequest) -> HttpResponseBase:
    """Show the ERP's delivery addresses; the administrator shuts those that nobody shall order to."""
    if request.method == "POST":
        try:
            company_services.set_places(
                actor=request.actor, open_ones=request.POST.getlist("open"), now=timezone.now()
            )  # fmt: skip
            messages.success(request, _("The delivery addresses are saved."))
        except RuleRefused as error:
            messages.error(request, str(error))
        return redirect("company-places")
    open_ones = {place.erp_id for place in ship_tos(actor=request.actor)}
    rows = [(place, place.erp_id in open_ones) for place in company_services.places_of(request.actor)]
    context = {"rows": rows, "manages": may(request.actor, Action.MANAGE_RULES)}
    return render(request, "shop/approvals/places.html", context)


@require_http_methods(FORM)
@require_actor
@denied_while_assisted
def person_edit(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Change a colleague's role, limits and usual choices."""
    actor = request.actor
    membership = membership_of(actor=actor, pk=pk)
    require(actor, Action.MANAGE_PEOPLE)
    names = ("role", "order_limit", "month_limit", "ship_to_erp_id", "cost_centre", "branches")
    form = PersonForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(membership, name) for name in names},
        places=ship_tos(actor=actor),
        centres=selectors.cost_centres_of(actor=actor, in_use=False),
        currency=_currency(actor),
        has_branches=actor.sold_to.branches.exists(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            company_services.change_person(
                actor=actor, membership=membership, wanted=form.cleaned_data, now=timezone.now()
            )  # fmt: skip
        except AccountsError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, _("%(person)s: saved.") % {"person": membership.user})
            return redirect("people")
    context = {"form": form, "member": membership, "spent": _spent(actor, membership), "currency": _currency(actor)}
    return render(request, "shop/approvals/person.html", context, status=422 if request.method == "POST" else 200)


def _spent(actor: Actor, membership: Any) -> Decimal:
    since = start_of("month", company_day(timezone.now()))
    return budgets.spent(sold_to=actor.sold_to, person=membership.user, since=since)
