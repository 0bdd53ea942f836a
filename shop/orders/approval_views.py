"""Pages of orders that wait for approval: the list, one of them, yes, no, and back into the basket."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import permissions
from accounts.actors import ActorRequest
from accounts.permissions import Action, denied_while_assisted, require_actor
from shop.approvals import selectors, services
from shop.approvals.errors import ApprovalMoved, ApprovalRefused, BudgetSpent
from shop.approvals.models import Approval
from shop.errors import ShopError
from shop.orders import approving, standing
from shop.orders.approving import Shown
from shop.orders.selectors import UNKNOWN_ITEM, words_of_items


@require_GET
@require_actor
def approval_list(request: ActorRequest) -> HttpResponse:
    """List what waits for the reader's word, what he has sent, or everything of the company."""
    is_approver = permissions.may(request.actor, Action.APPROVE)
    asked = request.GET.get("show", "")
    which = asked if asked in selectors.LISTS else selectors.WAITING if is_approver else selectors.MINE
    page = selectors.approvals_page(actor=request.actor, which=which, page=request.GET.get("page"))
    waiting = selectors.waiting_count(actor=request.actor)
    context = {"page": page, "which": which, "is_approver": is_approver, "waiting": waiting}
    return render(request, "shop/approvals/list.html", context)


@require_GET
@require_actor
def approval_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show what shall be ordered, why it waits and for whom; who may decide does so here."""
    approval = selectors.get_approval(actor=request.actor, number=number)
    return _page(request, approval)


def _page(
    request: ActorRequest, approval: Approval, *, error: str = "", reason: str = "", status: int = 200
) -> HttpResponse:
    now = timezone.now()
    view = selectors.view_of(actor=request.actor, approval=approval, now=now)
    found = standing.standing(actor=request.actor, approval=approval, now=now, live=False) if view.can_decide else None
    shown = found or standing.as_sent(approval, view.lines)
    context = {
        "approval": approval,
        "view": view,
        "standing": found,
        "rows": _rows(shown),
        "price_words": standing.price_sentence(found, approval.currency) if found else "",
        "shown": Shown(approval.content_hash, found.raised if found else ""),
        "day_is_over": bool(approval.requested_on and approval.requested_on < timezone.localdate()),
        "error": error,
        "typed_reason": reason,
    }
    return render(request, "shop/approvals/detail.html", context, status=status)


def _rows(shown: standing.Standing) -> list[dict[str, object]]:
    """Return the lines with their items' names in the reader's language."""
    names = words_of_items(one.line.sku for one in shown.lines)
    return [
        {
            "line": one.line,
            "name": names.get(one.line.sku, UNKNOWN_ITEM).name or one.line.name,
            "unit": names.get(one.line.sku, UNKNOWN_ITEM).unit(one.line.unit),
            "price": one.price,
            "amount": one.amount,
            "change": one.change,
        }
        for one in shown.lines
    ]


@require_POST
@require_actor
@denied_while_assisted
def approval_approve(request: ActorRequest, number: str) -> HttpResponseBase:
    """Say yes to exactly what was shown."""
    approval = selectors.get_approval(actor=request.actor, number=number)
    shown = Shown.read(request.POST.get("shown", ""))
    try:
        order = approving.approve(actor=request.actor, approval=approval, shown=shown, now=timezone.now())
    except (ApprovalMoved, ApprovalRefused, BudgetSpent) as error:
        return _again(request, number, error)
    if order is None:
        messages.success(request, _("Your yes is noted. The order waits for somebody else's."))
    elif order.state == "pending_confirmation":
        messages.success(request, _("Approved. The ERP does not answer: the order waits for its confirmation."))
    else:
        messages.success(request, _("Approved. The order is on its way to the ERP; the buyer is told."))
    return redirect("approval-detail", number=number)


@require_POST
@require_actor
@denied_while_assisted
def approval_decline(request: ActorRequest, number: str) -> HttpResponseBase:
    """Say no, with the reason that the buyer reads."""
    approval = selectors.get_approval(actor=request.actor, number=number)
    shown = Shown.read(request.POST.get("shown", ""))
    reason = request.POST.get("reason", "")[:300]
    try:
        services.decline(
            actor=request.actor, approval=approval, shown=shown.content_hash, reason=reason, now=timezone.now()
        )
    except (ApprovalMoved, ApprovalRefused) as error:
        return _again(request, number, error, reason=reason)
    messages.success(request, _("Declined. The buyer reads your reason and can change the order."))
    return redirect("approval-detail", number=number)


def _again(request: ActorRequest, number: str, error: ShopError, *, reason: str = "") -> HttpResponse:
    """Show the order as it is now, and why nothing was decided."""
    fresh = selectors.get_approval(actor=request.actor, number=number)
    return _page(request, fresh, error=str(error), reason=reason, status=409)


@require_POST
@require_actor
def approval_change(request: ActorRequest, number: str) -> HttpResponseBase:
    """Put it back into its sender's basket, to be changed and sent again."""
    approval = selectors.get_approval(actor=request.actor, number=number)
    try:
        services.take_back(actor=request.actor, approval=approval, now=timezone.now())
    except (ApprovalMoved, ApprovalRefused) as error:
        return _again(request, number, error)
    messages.success(
        request,
        _("Its lines are back in your basket, with address, date and PO number. Change them and send it again."),
    )
    return redirect("basket")
