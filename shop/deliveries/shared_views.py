"""The report for the holder of a link: no log-in, no prices, nothing to click through to."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from shop.deliveries import report, services


@require_GET
def missing_shared(request: HttpRequest, token: str) -> HttpResponse:
    """Show one company's report by a link that works; every other link looks the same, and says whom to ask."""
    now = timezone.now()
    try:
        link = services.open_link(token=token, now=now)
    except Http404:
        return render(request, "shop/deliveries/link_ended.html", status=404)
    typed = request.GET.get("page", "")
    page = min(max(int(typed), 1), 10_000) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    query = report.read_query(link.filters)
    found = report.report_of(sold_to=link.sold_to, query=query, now=now, page=page)
    context = {"found": found, "query": query, "link": link, "now": now}
    response = render(request, "shop/deliveries/missing_shared.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
