"""Pages of returns: asking for one, the list, one with its way and its conversation."""

from __future__ import annotations

from uuid import uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import Actor, ActorRequest
from accounts.permissions import require_actor
from shop.errors import ShopError
from shop.messages import selectors as conversations
from shop.messages import services as talk
from shop.messages.forms import typed_message
from shop.returns import selectors, services
from shop.returns.forms import ReturnForm
from shop.returns.selectors import ReturnView


@require_GET
@require_actor
def return_list(request: ActorRequest) -> HttpResponse:
    """Show the company's returns, also those that were arranged by telephone."""
    order = request.GET.get("order", "")[:64]
    page = selectors.returns_for(actor=request.actor, order=order, page=request.GET.get("page"))
    return render(request, "shop/returns/list.html", {"page": page, "order": order})


@require_http_methods(["GET", "POST"])
@require_actor
def return_new(request: ActorRequest, number: str, line_no: int) -> HttpResponseBase:
    """Ask for the return of something of an order line."""
    line = selectors.get_returnable(actor=request.actor, number=number, line_no=line_no)
    if request.method != "POST":
        form = ReturnForm(line=line, initial={"form_key": uuid4()})
        return render(request, "shop/returns/new.html", {"line": line, "form": form})
    form = ReturnForm(request.POST, line=line)
    if not form.is_valid():
        return _again(request, line, form)
    files = request.FILES.getlist("files")
    try:
        asked = services.ask_return(actor=request.actor, line=line, wish=form.wish(), files=files, now=timezone.now())
    except ShopError as error:
        form.add_error(None, str(error))
        return _again(request, line, form)
    messages.success(request, _("Your return is on its way to us. You see on this page what becomes of it."))
    return redirect("return-detail", number=asked.reference)


def _again(request: ActorRequest, line: selectors.ReturnableLine, form: ReturnForm) -> HttpResponse:
    return render(request, "shop/returns/new.html", {"line": line, "form": form}, status=422)


@require_GET
@require_actor
def return_detail(request: ActorRequest, number: str) -> HttpResponse:
    """Show one return: where it stands, its credit note, what was written about it."""
    return _page(request, selectors.get_return(actor=request.actor, number=number))


@require_POST
@require_actor
def return_message(request: ActorRequest, number: str) -> HttpResponseBase:
    """Send a message about the return to the rep."""
    view = selectors.get_return(actor=request.actor, number=number)
    text, files = typed_message(request)
    try:
        talk.post(
            actor=request.actor, subject=_subject(request.actor, view), text=text, files=files, now=timezone.now()
        )
    except ShopError as error:
        return _page(request, view, typed=text, error=str(error))
    messages.success(request, _("Your message is sent. The answer stands here and comes by mail."))
    return redirect(reverse("return-detail", kwargs={"number": number}) + "#talk")


def _page(request: ActorRequest, view: ReturnView, *, typed: str = "", error: str = "") -> HttpResponse:
    subject = _subject(request.actor, view)
    thread = conversations.thread(actor=request.actor, subject=subject)
    context = {"one": view, "thread": thread, "typed": typed, "error": error}
    answer = render(request, "shop/returns/detail.html", context, status=422 if error else 200)
    if thread.unread:
        talk.mark_read(actor=request.actor, subject=subject, now=timezone.now())
    return answer


def _subject(actor: Actor, view: ReturnView) -> conversations.Subject:
    return conversations.Subject(
        kind="return",
        key=view.key,
        sold_to=actor.sold_to,
        path=reverse("return-detail", kwargs={"number": view.key}),
        title=view.number,
    )
