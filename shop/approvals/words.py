"""Why an approval is needed, and who must act when nobody can give it, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Period
from erp_sync.mirror.tree import category_tree
from shop.money import formats

ORDER_LIMIT, MONTH_LIMIT = "order_limit", "month_limit"
ORDER_OVER, PERIOD_OVER, ALWAYS = "order_over", "period_over", "always"


def any_of(names: Iterable[str]) -> str:
    """Return names of which one is enough: "Ana, Juan or Marta"."""
    *first, last = list(names) or [""]
    return _("%(names)s or %(last)s") % {"names": ", ".join(first), "last": last} if first else last


def reason_sentence(cause: str, params: dict[str, str]) -> str:
    """Return one reason as a sentence; amounts and names are those of when the order was sent."""
    said = _said(params)
    write: Callable[[dict[str, str]], str] = {
        ORDER_LIMIT: _order_limit,
        MONTH_LIMIT: _month_limit,
        ORDER_OVER: _order_over,
        PERIOD_OVER: _period_over,
    }.get(cause, _always)
    return write(said)


def _said(params: dict[str, str]) -> dict[str, str]:
    currency = params.get("currency", "")
    amounts = {
        name: formats.money(Decimal(params[name]), currency)
        for name in ("amount", "limit", "spent")
        if params.get(name)
    }
    where = " · ".join(part for part in (group_name(params.get("group", "")), params.get("cost_centre", "")) if part)
    return params | amounts | {"where": f" ({where})" if where else "", "period": period_words(params.get("period"))}


def group_name(category_erp_id: str) -> str:
    """Return what an item group is called; "" for none."""
    if not category_erp_id:
        return ""
    node = category_tree().get(category_erp_id)
    return node.name_in((get_language() or "en").lower()) if node else category_erp_id


def period_words(period: str | None) -> str:
    """Return "this month", "this quarter" or "this year"."""
    said = {Period.QUARTER.value: _("this quarter"), Period.YEAR.value: _("this year")}
    return said.get(period or "", _("this month"))


def _order_limit(said: dict[str, str]) -> str:
    return _("%(amount)s is above the personal limit of %(limit)s for one order.") % said


def _month_limit(said: dict[str, str]) -> str:
    return _("With this order it is %(spent)s this month, above the personal limit of %(limit)s.") % said


def _order_over(said: dict[str, str]) -> str:
    return _("%(rule)s: %(amount)s%(where)s is above %(limit)s.") % said


def _period_over(said: dict[str, str]) -> str:
    return _("%(rule)s: with this order it is %(spent)s%(where)s %(period)s, above %(limit)s.") % said


def _always(said: dict[str, str]) -> str:
    return _("%(rule)s: every such order%(where)s is approved first.") % said


def nobody_sentence(*, asker_is_admin: bool, is_asker: bool, rep: str) -> str:
    """Say who must act when nobody of the company can approve an order."""
    if asker_is_admin and is_asker:
        return _(
            "You are the only one who could approve it, and your company does not let people approve their own orders. "
            "Give somebody the approver's role under People, or allow own approvals under Rules."
        )
    if asker_is_admin:
        return _("Only its sender could approve it, and he may not. As your administrator he must name an approver.")
    if rep:
        return _("Nobody of your company may approve it. %(rep)s, your sales rep, can have somebody named.") % {
            "rep": rep
        }
    return _("Nobody of your company may approve it. Call us: we name an approver together with you.")
