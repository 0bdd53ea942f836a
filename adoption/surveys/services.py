"""Decides who is asked what, and writes down that it was asked and answered. Events are all that is kept."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import QuerySet

from accounts.actors import Actor, who_of
from accounts.signals import Fact
from adoption.events.models import Event
from adoption.events.recorder import record
from adoption.surveys.questions import CSAT, EXIT, NPS, QUESTIONS, Question

PROMPTED, ANSWERED = "survey_prompted", "survey_answered"
# Somebody is asked at most once in so long, whatever the survey; about recommending much more rarely.
REST = dt.timedelta(days=30)
NPS_REST = dt.timedelta(days=180)
NPS_AFTER_ORDERS = 3
FRESH = dt.timedelta(days=7)
OVER = dt.timedelta(minutes=30)
LOOKING = ("product_view", "search", "cart_add", "reorder_clicked")


def after_purchase(*, actor: Actor, reference: str, now: dt.datetime) -> Question | None:
    """Return the question about an order that this person has just placed himself; None when he is left in peace."""
    placed = _mine(actor).filter(kind="order_submitted", object_id=reference, occurred_at__gt=now - FRESH)
    return _ask(actor, CSAT, reference, now) if _may_ask(actor) and placed.exists() else None


def at_home(*, actor: Actor, now: dt.datetime) -> tuple[Question, str] | None:
    """Return what to ask at the beginning of a visit: about the last one without an order, else, rarely, NPS."""
    if not _may_ask(actor):
        return None
    left = _left_without_order(actor, now)
    if left and (question := _ask(actor, EXIT, left, now)):
        return question, left
    if _mine(actor).filter(kind="order_submitted").count() < NPS_AFTER_ORDERS:
        return None
    about = f"{now:%Y}"
    question = _ask(actor, NPS, about, now)
    return (question, about) if question else None


def answer(*, actor: Actor, survey: str, about: str, given: str, now: dt.datetime) -> bool:
    """Write an answer down; False when nothing like it was asked, or there is no such answer."""
    question = QUESTIONS.get(survey)
    if question is None or not _may_ask(actor) or given not in dict(question.answers):
        return False
    if not _mine(actor).filter(event_id=_key(actor, survey, about)).exists():
        return False
    fact = _fact(actor, ANSWERED, survey, about, f"{ANSWERED}:{uuid.uuid4().hex}", now, {question.prop: given})
    return record(fact)


def _may_ask(actor: Actor) -> bool:
    """Never while a rep acts for somebody, never test people."""
    return not (actor.is_assisted or actor.user.is_test or actor.sold_to.is_test)


def _mine(actor: Actor) -> QuerySet[Event]:
    return Event.objects.filter(account_id=actor.sold_to.erp_id, user_id=str(actor.user.person_key), actor="buyer")


def _ask(actor: Actor, survey: str, about: str, now: dt.datetime) -> Question | None:
    key = _key(actor, survey, about)
    # Counted for the person, whatever company he acts for; the account narrows what has to be read.
    asked = _mine(actor).filter(kind=PROMPTED)
    known = asked.filter(event_id=key).first()
    if known is not None:
        is_open = known.session_id == actor.session_id and not _is_answered(actor, survey, about)
        return QUESTIONS[survey] if is_open else None
    if asked.filter(occurred_at__gt=now - REST).exists():
        return None
    if survey == NPS and asked.filter(occurred_at__gt=now - NPS_REST, props__survey=NPS).exists():
        return None
    record(_fact(actor, PROMPTED, survey, about, key, now, {}))
    return QUESTIONS[survey]


def _is_answered(actor: Actor, survey: str, about: str) -> bool:
    return _mine(actor).filter(kind=ANSWERED, object_id=about[:64], props__survey=survey).exists()


def _left_without_order(actor: Actor, now: dt.datetime) -> str:
    """Return the last visit before this one when he looked around in it and did not order; "" otherwise."""
    before = _mine(actor).filter(occurred_at__gt=now - FRESH, occurred_at__lt=now - OVER).exclude(session_id="")
    last = before.exclude(session_id=actor.session_id).order_by("-occurred_at").first()
    if last is None:
        return ""
    kinds = set(_mine(actor).filter(session_id=last.session_id).values_list("kind", flat=True))
    return last.session_id if kinds & set(LOOKING) and "order_submitted" not in kinds else ""


def _key(actor: Actor, survey: str, about: str) -> str:
    return f"{PROMPTED}:{survey}:{about[:36]}:{actor.user.person_key}"


def _fact(actor: Actor, kind: str, survey: str, about: str, key: str, now: dt.datetime, more: dict[str, str]) -> Fact:
    return Fact(
        event_id=key,
        kind=kind,
        occurred_at=now,
        who=who_of(actor),
        object_type="order" if survey == CSAT else "session",
        object_id=about,
        props={"survey": survey} | more,
    )
