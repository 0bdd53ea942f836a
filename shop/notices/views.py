"""Pages of notices: the list, opening one, the settings, and ending mails without a log-in."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import sessions
from accounts.actors import PersonRequest, is_ours
from accounts.permissions import denied_while_assisted, require_person
from accounts.selectors import membership_in
from shop.notices import selectors, services, tokens
from shop.notices.events import EVENTS
from shop.notices.forms import SettingsForm
from shop.notices.models import Notice
from shop.notices.words import words_of


@require_GET
@require_person
def notice_list(request: PersonRequest) -> HttpResponse:
    """Show what somebody was told, the latest first."""
    now = timezone.now()
    page = selectors.page_of(user=request.user, actor=request.actor, page=request.GET.get("page"), now=now)
    rows = [(notice, words_of(notice.event, notice.params)) for notice in page.object_list if notice.event in EVENTS]
    has_unread = any(notice.read_at is None for notice, _words in rows)
    context = {"page": page, "rows": rows, "has_unread": has_unread, "shows_company": is_ours(request.user)}
    return render(request, "shop/notices/list.html", context)


@require_GET
@require_person
def notice_open(request: PersonRequest, pk: int) -> HttpResponseBase:
    """Go to the page that a notice is about, acting for its company; it counts as read from then on."""
    now = timezone.now()
    notice = selectors.get_notice(user=request.user, pk=pk, now=now)
    services.mark_read(notice=notice, now=now)
    is_ours_path = url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None) and notice.path.startswith("/")
    if not is_ours_path:
        return redirect("notices")
    if _must_assist(request, notice):
        start = reverse("assisted-start", kwargs={"number": notice.sold_to.number})
        return redirect(f"{start}?{urlencode({'next': notice.path})}")
    _act_for(request, notice)
    return redirect(notice.path)


def _must_assist(request: PersonRequest, notice: Notice) -> bool:
    """Whether the page is one of the customer's own, which a rep sees only while he acts for him."""
    if not request.user.is_rep or (request.actor and request.actor.sold_to.pk == notice.sold_to_id):
        return False
    try:
        view = resolve(urlsplit(notice.path).path).func
    except Resolver404:
        return False
    return getattr(view, "needs_actor", False)


def _act_for(request: PersonRequest, notice: Notice) -> None:
    """A mail about one of several companies opens that company's page."""
    actor = request.actor
    if actor is None or actor.is_assisted or actor.sold_to.pk == notice.sold_to_id:
        return
    membership = membership_in(request.user, sold_to_id=notice.sold_to_id)
    if membership is not None:
        messages.info(request, sessions.choose_company(request, membership))


@require_POST
@require_person
def notices_read(request: PersonRequest) -> HttpResponseBase:
    """Mark everything in the list as read."""
    services.mark_all_read(user=request.user, actor=request.actor, now=timezone.now())
    return redirect("notices")


@require_http_methods(["GET", "POST"])
@require_person
@denied_while_assisted
def notice_settings(request: PersonRequest) -> HttpResponseBase:
    """Let somebody choose how he is told of each event."""
    form = SettingsForm(request.POST or None, chosen=selectors.settings_of(user=request.user))
    if request.method == "POST" and form.is_valid():
        services.choose(person=request.user, chosen=form.cleaned_data, now=timezone.now())
        messages.success(request, _("Your choices are saved. They hold from the next notice on."))
        return redirect("notice-settings")
    return render(request, "shop/notices/settings.html", {"form": form}, status=422 if form.errors else 200)


# RFC 8058: the mail program posts on its own, without a session; the signed token is the permission, and all it permits
# is fewer mails to one person.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End mails about an event: POST does it, GET only asks, so that a mail scanner that follows links ends nothing."""
    try:
        subscription = tokens.read(token)
    except tokens.BadToken:
        return render(request, "shop/notices/unsubscribe_unknown.html", status=404)
    if request.method == "POST":
        services.unsubscribe(subscription=subscription, now=timezone.now())
    event = EVENTS.get(subscription.event)
    with override(subscription.person.language or get_language()):
        context = {"event": event, "is_done": request.method == "POST", "token": token}
        return render(request, "shop/notices/unsubscribe.html", context)
