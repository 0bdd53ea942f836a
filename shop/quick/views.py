"""Pages of quick order. All works without JavaScript: a box to type, a box to paste, a file, a table to correct."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import retarget

from accounts.actors import ActorRequest
from accounts.permissions import require_actor
from sheets.cells import Cell, Column
from sheets.responses import FORMATS, table_response
from shop.carts.selectors import line_count
from shop.errors import ShopError
from shop.quick import selectors, services
from shop.quick.matching import problem_of
from shop.quick.models import PadRow, RowState
from shop.quick.parsing import Parsed, TypedRow, cleaned, read_text
from shop.quick.reading import read_file
from shop.quick.services import CHECKED_AT_ONCE, Edit

FIELD = re.compile(r"(item|quantity|take|shown)-(\d{1,18})", re.ASCII)
NUMBER = re.compile(r"\d{1,18}", re.ASCII)
MOST_FIELDS = 900
REMOVED = "pad_removed"  # what the last click took off the pad: the next page offers to put it back


def _language() -> str:
    return get_language() or "en"


@require_GET
@require_actor
def quick_order(request: ActorRequest) -> HttpResponse:
    """Show the pad; with `?check=next` the next rows are checked first (a browser without JavaScript goes on so)."""
    if request.GET.get("check") == "next":
        services.check_next(actor=request.actor)
    return render(request, "shop/quick/page.html", _context(request) | {"key": uuid.uuid4()})


def _context(request: ActorRequest) -> dict[str, object]:
    asked = request.GET if request.method == "GET" else request.POST
    number = asked.get("page", "")
    page = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 1
    pad = selectors.pad_page(actor=request.actor, page=page, show=asked.get("show", ""))
    removed = request.session.pop(REMOVED, None)
    return {"pad": pad, "has_more_to_check": pad.counts.new > 0, "removed": removed}


@require_http_methods(["GET", "POST"])
@require_actor
def quick_add(request: ActorRequest) -> HttpResponseBase:
    """Put lines on the pad: one typed (`item`, `quantity`), many pasted (`lines`), or a file.

    What was refused is shown at this address, so its links come here, too: they lead to the pad.
    """
    if request.method == "GET":
        return redirect(f"{reverse('quick-order')}?{request.GET.urlencode()}")
    try:
        given = _given(request)
        rows = services.add_rows(
            actor=request.actor,
            rows=given.parsed.rows,
            source=given.source,
            language=_language(),
            key=_key(request.POST.get("key", "")),
            leftover=given.parsed.leftover if given.source == "paste" else "",
            now=timezone.now(),
        )
    except ShopError as error:
        return _refused(request, str(error))
    if len(rows) <= CHECKED_AT_ONCE:
        services.check_next(actor=request.actor)
    return _answer(request, said=_said_of(given, rows), is_good=not any(row.state == RowState.WRONG for row in rows))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a request brought, and how."""

    parsed: Parsed
    source: str


def _given(request: ActorRequest) -> _Given:
    """Read the one way in which lines came.

    Raises:
        ShopError: the file can't be read, the pad is full, or nothing came.
    """
    left = services.room_left(actor=request.actor)
    file = request.FILES.get("file")
    if file is not None:
        return _Given(read_file(file, language=_language(), most=left), "upload")
    item = " ".join(cleaned(request.POST.get("item", ""))[:200].split())
    if item:
        return _Given(Parsed((TypedRow(1, item, request.POST.get("quantity", "").strip()[:60]),)), "typed")
    parsed = read_text(request.POST.get("lines", ""), most=left)
    if not parsed.rows and not parsed.leftover:
        raise ShopError(_("Nothing was sent. Type an item, paste lines, or choose a file."))
    if not parsed.rows:
        raise ShopError(_("The pad is full. Put the ready lines into the basket first; your text stays in the box."))
    return _Given(parsed, "paste")


def _key(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _said_of(given: _Given, rows: list[PadRow]) -> str:
    """Return what happened, in a sentence; of a single typed line that is wrong, what to do."""
    if given.source == "typed":
        return problem_of(rows[0], _language()) if rows else ""
    words = []
    if rows:
        words.append(ngettext("%(n)s line is on the pad.", "%(n)s lines are on the pad.", len(rows)) % {"n": len(rows)})
    wrong = sum(1 for row in rows if row.state == RowState.WRONG)
    if wrong:
        words.append(ngettext("%(n)s must be corrected.", "%(n)s must be corrected.", wrong) % {"n": wrong})
    if given.parsed.leftover and given.source == "paste":
        words.append(_("The rest did not fit; it stays in the box below, to be taken when the pad has room."))
    elif given.parsed.leftover:
        words.append(
            _("%(n)s lines of the file did not fit: at most %(most)s at once. Send them as a file of their own.")
            % {"n": given.parsed.leftover, "most": services.MOST_ROWS}
        )
    return " ".join(words)


@require_POST
@require_actor
def quick_rows(request: ActorRequest) -> HttpResponseBase:
    """Take what was typed over the rows of a page, then do what the button says (`do`, or `remove`, or `choose`)."""
    edits = _edits(request)
    said, is_good = "", True
    try:
        if edits:
            services.edit_rows(actor=request.actor, edits=edits, language=_language())
        services.check_next(actor=request.actor)
        said = _step(request)
    except ShopError as error:
        said, is_good = str(error), False
    row = request.POST.get("row", "")
    if NUMBER.fullmatch(row) and request.htmx:  # type: ignore[attr-defined]
        return _row_answer(request, int(row))
    if request.POST.get("do") == "take" and is_good and not request.htmx:  # type: ignore[attr-defined]
        messages.success(request, said)
        return redirect("quick-order" if selectors.pad_page(actor=request.actor).counts.total else "basket")
    return _answer(request, said=said, is_good=is_good)


def _row_answer(request: ActorRequest, pk: int) -> HttpResponse:
    """Answer with one row and the bar beneath; a row that is gone disappears."""
    one = selectors.pad_line(actor=request.actor, pk=pk)
    if one is None:
        return HttpResponse("")
    pad = selectors.pad_page(actor=request.actor)
    context = {"one": one, "row": one.row, "currency": pad.currency, "pad": pad, "oob_bar": True}
    return render(request, "shop/quick/_row.html", context)


def _step(request: ActorRequest) -> str:
    """Do what the button says; return the sentence for it."""
    step = request.POST.get("do", "save")
    if step == "take":
        return _take(request)
    if step == "clear":
        services.clear(actor=request.actor)
        return _("The pad is empty. Its lines stand in the box below, in case you want them back.")
    if step.startswith("remove-"):
        pk = step.removeprefix("remove-")
        return _remove(request, int(pk)) if NUMBER.fullmatch(pk) else ""
    return ""


def _remove(request: ActorRequest, pk: int) -> str:
    row = services.remove_row(actor=request.actor, pk=pk)
    if row is None:
        return ""
    request.session[REMOVED] = [row.typed, row.typed_quantity]
    return ""


def _take(request: ActorRequest) -> str:
    count = services.take_ready(actor=request.actor, now=timezone.now())
    if not count:
        raise ShopError(_("No line is ready and ticked. Nothing was put into the basket."))
    return ngettext("%(n)s line is in your basket.", "%(n)s lines are in your basket.", count) % {"n": count}


def _edits(request: ActorRequest) -> dict[int, Edit]:
    """Read what was typed over rows; a row that was shown and is not ticked any more is left out of the basket."""
    found: dict[int, dict[str, str]] = {}
    for name in list(request.POST)[:MOST_FIELDS]:
        named = FIELD.fullmatch(name)
        if named:
            found.setdefault(int(named[2]), {})[named[1]] = request.POST[name][:200]
    return {
        pk: Edit(
            item=one.get("item"),
            quantity=one.get("quantity"),
            is_taken="take" in one if "shown" in one else None,
        )
        for pk, one in found.items()
    }


def _refused(request: ActorRequest, sentence: str) -> HttpResponseBase:
    """Say why nothing was taken; what was pasted is still in its box."""
    typed = {name: request.POST.get(name, "")[:200_000] for name in ("item", "quantity", "lines")}
    if request.htmx:  # type: ignore[attr-defined]
        return _answer(request, said=sentence, is_good=False)
    context = _context(request) | {"said": sentence, "is_good": False, "typed": typed, "key": uuid.uuid4()}
    return render(request, "shop/quick/page.html", context, status=422)


def _answer(request: ActorRequest, *, said: str, is_good: bool) -> HttpResponseBase:
    if request.htmx:  # type: ignore[attr-defined]
        context = _context(request) | {"said": said, "is_good": is_good, "key": uuid.uuid4()}
        context["basket_count"] = line_count(actor=request.actor)
        return render(request, "shop/quick/_pad.html", context)
    if said:
        (messages.success if is_good else messages.warning)(request, said)
    asked = {name: request.POST[name] for name in ("page", "show") if request.POST.get(name)}
    return redirect(f"{reverse('quick-order')}?{urlencode(asked)}" if asked else reverse("quick-order"))


@require_POST
@require_actor
def quick_check(request: ActorRequest) -> HttpResponse:
    """Check the next rows with the ERP; answer with how far it is, or with the whole pad when all is checked."""
    services.check_next(actor=request.actor)
    counts = selectors.pad_counts(actor=request.actor)
    if counts.new:
        where = {"number": request.POST.get("page", "")[:4], "show": request.POST.get("show", "")[:8]}
        return render(request, "shop/quick/_progress.html", {"counts": counts} | where)
    answer = render(
        request, "shop/quick/_pad.html", _context(request) | {"basket_count": line_count(actor=request.actor)}
    )
    return retarget(answer, "#pad")


@require_GET
@require_actor
def quick_find(request: ActorRequest) -> HttpResponse:
    """Answer with what somebody may mean while he types (`?item=`)."""
    query = cleaned(request.GET.get("item", ""))[:120]
    found = selectors.suggestions(actor=request.actor, query=query)
    return render(request, "shop/quick/_suggestions.html", {"found": found, "query": query.strip()})


@require_GET
@require_actor
def quick_template(request: ActorRequest) -> HttpResponseBase:
    """Hand out an example of a list to fill in, with the reader's own head words (`?format=csv|xlsx`)."""
    asked = request.GET.get("format", "")
    columns = [Column(_("Item"), 24), Column(_("Quantity"), 12, "0.####"), Column(_("Note"), 30)]
    rows: list[list[Cell]] = [[sku, quantity, ""] for sku, quantity in selectors.examples(actor=request.actor)]
    return table_response(asked if asked in FORMATS else "xlsx", name=_("order-list"), columns=columns, rows=rows)
