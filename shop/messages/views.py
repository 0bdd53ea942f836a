"""The rep's inbox: what his customers wrote, and his answers. The buyer's side stands on each subject's own page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.actors import PersonRequest
from accounts.permissions import require_rep
from shop.errors import ShopError
from shop.messages import selectors, services
from shop.messages.forms import typed_message
from shop.messages.models import Thread


@require_GET
@require_rep
def rep_inbox(request: PersonRequest) -> HttpResponse:
    """Show the conversations of the rep's customers, those that wait for him first."""
    page = selectors.inbox(rep=request.user, page=request.GET.get("page"), now=timezone.now())
    return render(request, "shop/messages/inbox.html", {"page": page})


@require_http_methods(["GET", "POST"])
@require_rep
def rep_thread(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Show one conversation (which marks it as read) and send an answer."""
    now = timezone.now()
    thread = selectors.thread_of_rep(rep=request.user, pk=pk, now=now)
    if request.method == "POST":
        text, files = typed_message(request)
        try:
            services.post_as_staff(
                person=request.user, subject=selectors.subject_of(thread), text=text, files=files, now=now
            )
        except ShopError as error:
            return _page(request, thread, typed=text, error=str(error))
        messages.success(
            request, _("Your message is on its way to %(company)s.") % {"company": thread.sold_to.name_at_end}
        )
        return redirect("rep-thread", pk=pk)
    answer = _page(request, thread)
    services.mark_read_by_staff(person=request.user, thread=thread, now=now)
    return answer


def _page(request: PersonRequest, thread: Thread, *, typed: str = "", error: str = "") -> HttpResponse:
    view = selectors.view_of(thread, person=request.user, is_staff=True)
    context = {"about": thread, "thread": view, "typed": typed, "error": error}
    return render(request, "shop/messages/rep_thread.html", context, status=422 if error else 200)
