"""Pages of invoices and credit notes."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import throttling
from accounts.actors import Actor, ActorRequest, who_of
from accounts.permissions import require_actor
from accounts.signals import Fact, announce
from erp_sync import gateway
from erp_sync.mirror.selectors import InvoiceFilters
from erp_sync.ports import Pdf
from sheets.responses import FORMATS, table_response
from shop.invoices import selectors
from shop.invoices import statement as statements
from shop.invoices.forms import Chosen, InvoiceFilterForm
from shop.invoices.statement_pdf import statement_pdf
from shop.papers import as_file, hand_out
from shop.signals import shop_fact


@require_GET
@require_actor
def invoice_list(request: ActorRequest) -> HttpResponse:
    """Show what is owed and every invoice, with search and filter."""
    form = InvoiceFilterForm(request.GET, places=selectors.places_of(actor=request.actor))
    chosen, now, page = form.chosen(), timezone.now(), _page_number(request.GET.get("page", ""))
    found = selectors.invoices_for(actor=request.actor, now=now, filters=_filters(chosen), page=page)
    if chosen.q and page == 1:
        _announce(request.actor, "invoice_searched", "", {"query": chosen.q, "hits": str(found.total)})
    context = {
        "form": form,
        "found": found,
        "chosen": chosen,
        "owed": selectors.money_owed(actor=request.actor, now=now),
        "credit": selectors.credit_position(actor=request.actor),
    }
    return render(request, "shop/invoices/list.html", context)


def _page_number(typed: str) -> int:
    return min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1


def _filters(chosen: Chosen) -> InvoiceFilters:
    return InvoiceFilters(
        q=chosen.q,
        state=chosen.state,
        invoiced_from=chosen.from_on,
        invoiced_to=chosen.to_on,
        ship_to_erp_id=chosen.ship_to,
    )


@require_GET
@require_actor
def statement(request: ActorRequest) -> HttpResponseBase:
    """Show the statement of account, or give it as PDF, CSV or XLSX."""
    kind = request.GET.get("format", "")
    if kind == "pdf" or kind in FORMATS:
        throttling.pass_export(request.user)
    found = statements.statement(actor=request.actor, now=timezone.now())
    word = _("statement")
    name = f"{word}-{found.number}-{found.today:%Y-%m-%d}"
    if kind == "pdf":
        return as_file(Pdf(f"{name}.pdf", statement_pdf(found)), name=name)
    if kind in FORMATS:
        return table_response(kind, name=name, columns=statements.columns(), rows=statements.cells(found))
    return render(request, "shop/invoices/statement.html", {"statement": found})


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
    return hand_out(
        request,
        lambda may_wait: gateway.invoice_pdf(view.invoice.erp_id, may_wait=may_wait),
        title=number,
        name=number,
        back=reverse("invoice-detail", args=[number]),
    )


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
