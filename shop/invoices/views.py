"""Pages of invoices and credit notes."""

from __future__ import annotations

import re

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.actors import Actor, ActorRequest, who_of
from accounts.permissions import require_actor
from accounts.signals import Fact, announce
from erp_sync import gateway
from erp_sync.errors import ErpError
from erp_sync.ports import Pdf
from shop.invoices import selectors
from shop.signals import shop_fact


class InvoiceFilterForm(forms.Form):
    """Filters of the invoice list; anything unreadable counts as empty."""

    STATES = (
        ("all", gettext_lazy("All invoices")),
        ("open", gettext_lazy("Open")),
        ("overdue", gettext_lazy("Overdue")),
        ("paid", gettext_lazy("Paid")),
    )
    q = forms.CharField(label=gettext_lazy("Number, PO or item"), max_length=80, required=False)
    state = forms.ChoiceField(label=gettext_lazy("State"), choices=STATES, required=False)

    def chosen(self) -> tuple[str, str]:
        """Return (text, state)."""
        self.is_valid()
        return self.cleaned_data.get("q") or "", self.cleaned_data.get("state") or "all"


@require_GET
@require_actor
def invoice_list(request: ActorRequest) -> HttpResponse:
    """Show what is owed and every invoice, with search and filter."""
    form = InvoiceFilterForm(request.GET)
    q, state = form.chosen()
    now = timezone.now()
    typed = request.GET.get("page", "")
    page = min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    found = selectors.invoices_for(actor=request.actor, now=now, q=q, state=state, page=page)
    if q and page == 1:
        _announce(request.actor, "invoice_searched", "", {"query": q, "hits": str(found.total)})
    context = {
        "form": form,
        "found": found,
        "q": q,
        "state": state,
        "owed": selectors.money_owed(actor=request.actor, now=now),
        "credit": selectors.credit_position(actor=request.actor),
    }
    return render(request, "shop/invoices/list.html", context)


@require_GET
@require_actor
def invoice_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show one invoice with its lines and their price proof."""
    view = selectors.get_invoice(actor=request.actor, number=number, now=timezone.now())
    _announce(request.actor, "invoice_viewed", view.invoice.erp_id, {"number": number})
    return render(request, "shop/invoices/detail.html", {"view": view, "invoice": view.invoice})


@require_GET
@require_actor
def invoice_pdf(request: ActorRequest, number: str) -> HttpResponseBase:
    """Stream the ERP's own document."""
    view = selectors.get_invoice(actor=request.actor, number=number, now=timezone.now())
    try:
        pdf = gateway.invoice_pdf(view.invoice.erp_id)
    except ErpError:
        messages.error(
            request,
            _("The ERP can't give us this document at the moment. What the invoice says is below; try again shortly."),
        )
        return redirect("invoice-detail", number=number)
    return _download(pdf, number)


def _download(pdf: Pdf, number: str) -> HttpResponse:
    # Whatever else an ERP may send is offered as a file, never as a page.
    is_pdf = pdf.media_type == "application/pdf"
    response = HttpResponse(pdf.content, content_type="application/pdf" if is_pdf else "application/octet-stream")
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", number)[:60] or "invoice"
    response["Content-Disposition"] = f'attachment; filename="{name}.{"pdf" if is_pdf else "bin"}"'
    return response


def _announce(actor: Actor, kind: str, object_id: str, props: dict[str, str]) -> None:
    now = timezone.now()
    announce(
        shop_fact,
        Fact(
            event_id=f"{kind}:{object_id}:{actor.user.pk}:{now:%Y%m%d%H%M%S%f}",
            kind=kind,
            occurred_at=now,
            who=who_of(actor),
            object_type="invoice",
            object_id=object_id,
            props=props,
        ),
    )
