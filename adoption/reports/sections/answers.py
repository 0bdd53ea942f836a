"""What a manager asks first, answered in sentences that lead on: who left, what is earned, whom to call."""

from __future__ import annotations

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from adoption.coaching.choosing import monday_of
from adoption.coaching.selectors import week
from adoption.metrics.alerts import Leak
from adoption.reports import blocks as b
from adoption.reports.sections.scene import Scene
from adoption.reports.words import amount, cause_word, figure_value
from adoption.voice.models import ContactRequest

MOST_NAMED = 3
MOST_NAMES = 5


def alerts(scene: Scene) -> list[b.Block]:
    """Return who waits for an answer, who went back to the phone after what, and who fell silent."""
    found, silent = scene.numbers.alerts(), scene.numbers.silent()
    notes = [*_waiting(), *_left(scene, found.channel_leak.values())]
    if found.churn_risk:
        count = len(found.churn_risk)
        text = ngettext(
            "%(n)s customer who ordered online has ordered nothing for 90 days:",
            "%(n)s customers who ordered online have ordered nothing for 90 days:",
            count,
        )
        notes.append(b.Note(f"{text % {'n': count}} {_names(scene, found.churn_risk)}", b.ATTENTION))
    if silent:
        text = ngettext(
            "%(n)s customer logs in half as often as before:",
            "%(n)s customers log in half as often as before:",
            len(silent),
        )
        notes.append(b.Note(f"{text % {'n': len(silent)}} {_names(scene, silent)}", b.ATTENTION))
    return [*notes] or [b.Note(_("No alert today: nobody went back to the phone, nobody fell silent."), b.GOOD)]


def _left(scene: Scene, leaks: Collection[Leak]) -> list[b.Note]:
    """Return who went back to the phone, those that weigh most by name with their last trouble."""
    if not leaks:
        return []
    heaviest = sorted(leaks, key=lambda one: (-one.severity, one.account_id))[:MOST_NAMED]
    troubles = scene.numbers.troubles(heaviest)
    named = []
    for one in heaviest:
        trouble = troubles.get(one.account_id)
        why = cause_word(trouble.cause, trouble.about) if trouble else _("nothing noted")
        named.append(f"{scene.book.name_of(one.account_id)}: {why}")
    text = ngettext("%(n)s customer went back to the phone.", "%(n)s customers went back to the phone.", len(leaks)) % {
        "n": len(leaks)
    }
    more = "…" if len(leaks) > MOST_NAMED else ""
    link = f"{reverse('admin:adoption_section', kwargs={'section': 'channels'})}?{scene.question.address()}#leaks"
    return [b.Note(f"{text} {'; '.join(named)}{more}", b.BAD, link, _("Who, and after what"))]


def _waiting() -> list[b.Note]:
    """Return that somebody wrote and has no answer yet."""
    count = ContactRequest.objects.filter(answered_at=None).count()
    if not count:
        return []
    text = ngettext(
        "%(n)s person wrote through the contact form and has no answer.",
        "%(n)s people wrote through the contact form and have no answer.",
        count,
    )
    link = f"{reverse('admin:adoption_contactrequest_changelist')}?answered_at__isempty=1"
    return [b.Note(text % {"n": count}, b.ATTENTION, link, _("Read and answer"), is_of_all=True)]


def _names(scene: Scene, accounts: Collection[str]) -> str:
    names = [scene.book.name_of(key) for key in accounts]
    return ", ".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else "")


def earned(scene: Scene) -> list[b.Block]:
    """Return what the period earned; nothing when the ERP gives no cost, or nothing was billed."""
    sales = scene.numbers.finance(scene.question.period).sales
    if sales.gm is None or sales.gm_pct is None:
        return []
    text = _("Earned in this period: a gross margin of %(margin)s, %(share)s of %(net)s net sales.") % {
        "margin": amount(sales.gm, scene.book.currency),
        "share": figure_value(sales.gm_pct, b.SHARE),
        "net": amount(sales.net, scene.book.currency),
    }
    link = f"{reverse('admin:adoption_section', kwargs={'section': 'money'})}?{scene.question.address()}"
    return [b.Note(text, b.INFO, link, _("By channel, with costs"), is_money=True)]


def calls(scene: Scene) -> list[b.Block]:
    """Return how many customers are to be called this week; nothing before they are drawn."""
    drawn = week(monday_of(scene.whole.today)).filter(is_control=False).values_list("account_id", "invited_at")
    own = [invited_at for account, invited_at in drawn if account in scene.book.accounts]
    if not own:
        return []
    text = ngettext(
        "To call this week: %(n)s customer, %(left)s of them not invited yet.",
        "To call this week: %(n)s customers, %(left)s of them not invited yet.",
        len(own),
    ) % {"n": len(own), "left": own.count(None)}
    link = f"{reverse('admin:adoption_section', kwargs={'section': 'coaching'})}?{scene.question.address()}"
    return [b.Note(text, b.INFO, link, _("Whom, and why"))]
