"""Pages of lists. Each works without JavaScript."""

from __future__ import annotations

import datetime as dt
import re
import uuid

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from accounts.selectors import company_day
from shop.carts.quantities import parse_quantity, rule_of
from shop.carts.services import orderable_item
from shop.catalogue.texts import item_name
from shop.errors import ShopError
from shop.lists import ordering, recurring, selectors, services
from shop.lists.history import PER_PAGE, bought_items
from shop.lists.models import ItemList, ListKind
from shop.lists.services import Line, LineEdit, Saved
from shop.quick.selectors import pad_as_lines

FIELD = re.compile(r"quantity-(\d{1,18})", re.ASCII)
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
SOURCES = ("pad", "basket")


def _language() -> str:
    return get_language() or "en"


def _number(text: str, most: int = 10_000) -> int:
    return min(max(int(text), 1), most) if NUMBER.fullmatch(text) else 1


@require_GET
@require_actor
def list_index(request: ActorRequest) -> HttpResponse:
    """Show the actor's lists and his company's, those that are due first."""
    now = timezone.now()
    rows = selectors.overview(actor=request.actor, today=company_day(now))
    gone = request.GET.get("removed", "")
    removed = selectors.removed_list(actor=request.actor, pk=int(gone)) if NUMBER.fullmatch(gone) else None
    return render(request, "shop/lists/index.html", {"rows": rows, "removed": removed, "key": uuid.uuid4()})


@require_http_methods(["GET", "POST"])
@require_actor
def list_new(request: ActorRequest) -> HttpResponseBase:
    """Make a list: empty, or of what is in the basket or on the pad (`?from=`)."""
    given = request.POST if request.method == "POST" else request.GET
    source = given.get("from", "") if given.get("from", "") in SOURCES else ""
    lines = _lines_from(request, source)
    error = ""
    if request.method == "POST":
        try:
            made = services.create_list(
                actor=request.actor,
                name=request.POST.get("name", "")[:200],
                lines=lines,
                kind=ListKind.BASKET if source == "basket" else ListKind.LIST,
                is_shared=request.POST.get("is_shared") == "yes",
                now=timezone.now(),
            )
        except ShopError as refused:
            error = str(refused)
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": made.name})
            return redirect("list-detail", pk=made.pk)
    context = {"source": source, "count": len(lines), "error": error, "typed": given.get("name", "")[:80]}
    return render(request, "shop/lists/new.html", context, status=422 if error else 200)


def _lines_from(request: ActorRequest, source: str) -> list[Line]:
    if source == "basket":
        return services.basket_lines(actor=request.actor)
    if source == "pad":
        return [Line(sku, quantity) for sku, quantity in pad_as_lines(actor=request.actor)]
    return []


@require_http_methods(["GET", "POST"])
@require_actor
def list_add(request: ActorRequest) -> HttpResponseBase:
    """Put an item on a list: `sku`, with a standing quantity if one is given."""
    given = request.POST if request.method == "POST" else request.GET
    error = ""
    try:
        item = orderable_item(given.get("sku", "").strip()[:64])
    except ShopError as refused:
        messages.error(request, str(refused))
        return redirect("list-index")
    if request.method == "POST":
        try:
            target = _add(request, item.sku)
        except ShopError as refused:
            error = str(refused)
        else:
            messages.success(request, _("%(sku)s is on “%(name)s”.") % {"sku": item.sku, "name": target.name})
            return redirect(_back(request, target))
    lists = selectors.lists_to_add_to(actor=request.actor)
    context = {
        "sku": item.sku,
        "name": item_name(item),
        "lists": lists,
        "has_favourites": any(one.kind == ListKind.FAVOURITES for one in lists),
        "on": selectors.lists_with(actor=request.actor, sku=item.sku),
        "error": error,
        "next": given.get("next", "")[:500],
    }
    return render(request, "shop/lists/add.html", context, status=422 if error else 200)


def _add(request: ActorRequest, sku: str) -> ItemList:
    now = timezone.now()
    target = _target(request, now)
    typed = request.POST.get("quantity", "").strip()[:40]
    rule = rule_of(orderable_item(sku))
    quantity = parse_quantity(typed, rule=rule, language=_language()) if typed else None
    services.add_line(actor=request.actor, item_list=target, sku=sku, quantity=quantity, now=now)
    return target


def _target(request: ActorRequest, now: dt.datetime) -> ItemList:
    """Return the list that was chosen, the favourites, or a new one."""
    chosen = request.POST.get("list", "")
    if NUMBER.fullmatch(chosen):
        return selectors.get_list(actor=request.actor, pk=int(chosen))
    if chosen == "new":
        name = request.POST.get("name", "")[:200]
        return services.create_list(actor=request.actor, name=name, lines=(), now=now)
    return services.favourites(actor=request.actor, now=now)


def _back(request: ActorRequest, target: ItemList) -> str:
    came_from = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if is_ours else reverse("list-detail", args=[target.pk])


@require_http_methods(["GET", "POST"])
@require_actor
def list_detail(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Show a list; save what was typed over its lines, take one off, or put it back."""
    item_list = selectors.get_list(actor=request.actor, pk=pk)
    if request.method == "POST":
        return _change_lines(request, item_list)
    return _list_page(request, item_list)


def _list_page(request: ActorRequest, item_list: ItemList, saved: Saved | None = None) -> HttpResponse:
    page = _number((request.GET if request.method == "GET" else request.POST).get("page", "1"))
    wait = request.GET.get("prices") == "wait"
    item_list.refresh_from_db()
    found = selectors.list_page(actor=request.actor, item_list=item_list, page=page, wait=wait)
    gone = _number(request.GET.get("removed", ""), most=10**18)
    plan = getattr(item_list, "recurring", None)
    clashes, problems = (saved.clashes or {}, saved.problems or {}) if saved else ({}, {})
    context = {
        "list": item_list,
        "found": found,
        "rows": [
            {"one": one, "clash": clashes.get(one.line.pk), "problem": problems.get(one.line.pk, ""),
             "typed": request.POST.get(f"quantity-{one.line.pk}", "")[:40] if saved else None}
            for one in found.lines
        ],
        "lost": [one for pk, one in clashes.items() if one.is_removed],
        "changes": selectors.changes_of(item_list=item_list),
        "is_keeper": selectors.is_keeper(actor=request.actor, item_list=item_list),
        "removed": selectors.removed_line(item_list=item_list, pk=gone),
        "plan": plan,
        "is_due": plan is not None and plan.next_on <= company_day(timezone.now()),
        "intervals": [f"{unit}-{every}" for unit, every in recurring.INTERVALS],
        "today": company_day(timezone.now()),
        "key": uuid.uuid4(),
    }  # fmt: skip
    status = 200 if saved is None or saved.is_clean else 409 if saved.clashes else 422
    return render(request, "shop/lists/detail.html", context, status=status)


def _change_lines(request: ActorRequest, item_list: ItemList) -> HttpResponseBase:
    now, step = timezone.now(), request.POST.get("do", "save")
    verb, _dash, pk = step.partition("-")
    here = reverse("list-detail", args=[item_list.pk])
    if verb == "back" and NUMBER.fullmatch(pk):
        services.put_line_back(actor=request.actor, item_list=item_list, pk=int(pk), now=now)
        return redirect(here)
    saved = services.save_lines(
        actor=request.actor, item_list=item_list, edits=_edits(request), language=_language(), now=now
    )
    if verb == "remove" and NUMBER.fullmatch(pk):
        line = services.remove_line(actor=request.actor, item_list=item_list, pk=int(pk), now=now)
        if saved.is_clean:
            return redirect(f"{here}?removed={line.pk}" if line else here)
    if not saved.is_clean:
        return _list_page(request, item_list, saved)
    if saved.changed:
        words = ngettext("%(n)s line was changed.", "%(n)s lines were changed.", saved.changed)
        messages.success(request, words % {"n": saved.changed})
    return redirect(here)


def _edits(request: ActorRequest) -> dict[int, LineEdit]:
    found = {}
    for name in list(request.POST)[:900]:
        named = FIELD.fullmatch(name)
        if named:
            found[int(named[1])] = LineEdit(
                seen=request.POST.get(f"seen-{named[1]}", "")[:40], typed=request.POST[name][:40]
            )
    return found


@require_POST
@require_actor
def list_order(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Put a whole list into the basket; `release` goes on to the checkout and sets the next day."""
    item_list = selectors.get_list(actor=request.actor, pk=pk)
    now = timezone.now()
    try:
        done = ordering.order_list(
            actor=request.actor,
            item_list=item_list,
            key=_key(request.POST.get("key", "")),
            language=_language(),
            now=now,
        )
    except ShopError as refused:
        messages.error(request, str(refused))
        return redirect("list-detail", pk=item_list.pk)
    is_release = request.POST.get("do") == "release"
    if is_release:
        recurring.move_on(item_list=item_list, released=True, now=now)
    return _ordered(request, done, then="checkout" if is_release and done.taken else "basket")


def _ordered(request: ActorRequest, done: ordering.Ordered, *, then: str = "basket") -> HttpResponseBase:
    """Say what went into the basket and what waits on the pad, and go where the next step is."""
    if done.taken:
        words = ngettext("%(n)s line is in your basket.", "%(n)s lines are in your basket.", done.taken)
        messages.success(request, words % {"n": done.taken})
    if done.left:
        words = ngettext(
            "%(n)s line waits on the pad: look at it before you take it.",
            "%(n)s lines wait on the pad: look at them before you take them.",
            done.left,
        )
        messages.warning(request, words % {"n": done.left})
    return redirect("quick-order" if done.left else then)


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


@require_POST
@require_actor
def list_settings(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Rename, share or remove a list, or put a removed one back (`do`)."""
    step = request.POST.get("do", "save")
    if step == "back":
        removed = selectors.removed_list(actor=request.actor, pk=pk)
        if removed is not None:
            services.put_list_back(item_list=removed)
            return redirect("list-detail", pk=removed.pk)
    item_list = selectors.get_list(actor=request.actor, pk=pk)
    now = timezone.now()
    try:
        if step == "remove":
            services.remove_list(actor=request.actor, item_list=item_list, now=now)
            return redirect(f"{reverse('list-index')}?removed={item_list.pk}")
        services.change_list(
            actor=request.actor,
            item_list=item_list,
            name=request.POST.get("name", "")[:200],
            is_shared=request.POST.get("is_shared") == "yes",
            now=now,
        )
    except ShopError as refused:
        messages.error(request, str(refused))
    return redirect("list-detail", pk=item_list.pk)


@require_POST
@require_actor
def list_recurring(request: ActorRequest, pk: int) -> HttpResponseBase:
    """Order a list again and again, stop it, or skip this time (`do`)."""
    item_list = selectors.get_list(actor=request.actor, pk=pk)
    step, now = request.POST.get("do", "save"), timezone.now()
    try:
        if step == "stop":
            recurring.stop(item_list=item_list)
        elif step == "skip":
            recurring.move_on(item_list=item_list, released=False, now=now)
        else:
            recurring.set_recurring(
                actor=request.actor,
                item_list=item_list,
                interval=request.POST.get("interval", ""),
                next_on=_day(request.POST.get("next_on", "")),
                now=now,
            )
    except ShopError as refused:
        messages.error(request, str(refused))
    return redirect("list-detail", pk=item_list.pk)


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


@require_http_methods(["GET", "POST"])
@require_actor
def history(request: ActorRequest) -> HttpResponseBase:
    """Show what the company bought before, of all channels; put ticked items in their last quantity into the basket."""
    if request.method == "POST":
        return _buy_again(request)
    q = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:80]
    often = request.GET.get("sort") == "often"
    page = _number(request.GET.get("page", "1"))
    wait = request.GET.get("prices") == "wait"
    found = bought_items(actor=request.actor, q=q, often_first=often, page=page, now=timezone.now(), wait=wait)
    context = {
        "found": found, "q": q, "sort": "often" if often else "last", "page": page, "key": uuid.uuid4(),
        "has_next": found.total > page * PER_PAGE,
    }  # fmt: skip
    return render(request, "shop/lists/history.html", context)


def _buy_again(request: ActorRequest) -> HttpResponseBase:
    taken = [sku[:64] for sku in request.POST.getlist("take")][:PER_PAGE]
    lines = [(sku, request.POST.get(f"quantity-{sku}", "")[:40]) for sku in taken]
    if not lines:
        messages.error(request, _("Tick at least one item. Nothing was put into the basket."))
        return redirect("history")
    try:
        done = ordering.order_typed(
            actor=request.actor,
            lines=lines,
            key=_key(request.POST.get("key", "")),
            language=_language(),
            now=timezone.now(),
        )
    except ShopError as refused:
        messages.error(request, str(refused))
        return redirect("history")
    return _ordered(request, done)
