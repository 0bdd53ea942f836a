"""The limit: the smallest page that could be a shop page: session, log-in, one indexed query, a template."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import Template, engines
from django.urls import path

from erp_sync.mirror.models import Item

ROWS = 24
# 24 cards with what a card needs: about 28 kB of HTML, as much as the limit in the design's own measurements.
PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Items</title>
  </head>
  <body>
    <header class="site-head"><p>{{ user.email }}</p></header>
    <main>
      <ul class="cards">
        {% for item in items %}
          <li class="card" id="item-{{ item.sku }}">
            <a class="card-picture" href="/items/{{ item.sku }}/">
              <img src="/static/img/items/{{ item.sku }}.webp" alt="" width="200" height="200" loading="lazy">
            </a>
            <div class="card-body">
              <h3 class="card-title"><a href="/items/{{ item.sku }}/">{{ item.brand }} {{ item.sku }}</a></h3>
              <p class="card-facts"><span class="quieter">Item number</span> <span class="sku">{{ item.sku }}</span></p>
              <p class="card-price"><span class="figure">{{ item.list_price }}</span> <span class="unit">EUR</span></p>
              {% if item.list_price %}<p class="quieter small">Untaxed, per unit, as of today</p>{% endif %}
            </div>
            <form class="card-add row" action="/basket/add/" method="post">
              <input type="hidden" name="sku" value="{{ item.sku }}">
              <label class="field"><span class="sr-only">Quantity</span>
                <input class="qty" name="quantity" value="1" inputmode="decimal" autocomplete="off"></label>
              <button class="button primary" type="submit">Add to the basket</button>
            </form>
          </li>
        {% endfor %}
      </ul>
    </main>
  </body>
</html>
"""


@cache
def _template() -> Template:
    found: Any = engines["django"].from_string(PAGE)
    return found  # type: ignore[no-any-return] # the stubs do not know what an engine makes


@login_required
def limit(request: HttpRequest) -> HttpResponse:
    """Answer with 24 items, from an index."""
    after = request.GET.get("after", "")
    rows = Item.objects.filter(is_active=True, sku__gt=after).order_by("sku")
    items = rows.values("sku", "brand", "list_price")[:ROWS]
    return HttpResponse(_template().render({"items": items}, request))  # type: ignore[call-arg,arg-type] # as above


urlpatterns = [path("limit/", limit)]
