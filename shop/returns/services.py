"""Asks the ERP to take goods back, and carries its answers into the return."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.audit import audit
from accounts.permissions import Action, require
from accounts.signals import announce
from erp_sync.mirror import selectors as mirror
from erp_sync.mirror.models import Return as ErpReturn
from erp_sync.outbox.services import queue_return
from erp_sync.outbox.signals import WriteSettled
from erp_sync.records import NewReturn, WrittenDocument
from shop.catalogue.texts import item_words
from shop.errors import ShopError
from shop.money import formats
from shop.orders.references import new_reference
from shop.returns.models import Return, ReturnMove, ReturnState
from shop.returns.selectors import STATE_OF_ERP, ReturnableLine, asked_of_line, state_in_erp
from shop.signals import Told, in_languages, shop_told
from shop.uploads import services as uploads

FAMILY = 7_261_046  # any number that no other advisory lock of this database uses
TOLD = (ReturnState.APPROVED, ReturnState.RECEIVED, ReturnState.CREDITED, ReturnState.REFUSED)
SETTLED = (ReturnState.CREDITED, ReturnState.REFUSED)


class ReturnRefused(ShopError):
    """It can't be returned as it was asked for; nothing was sent."""


@dataclass(frozen=True, slots=True)
class ReturnWish:
    """What a buyer typed: how much goes back and why. `form_key` makes a form sent twice one return."""

    form_key: UUID
    quantity: Decimal
    reason: str
    description: str


def ask_return(
    *, actor: Actor, line: ReturnableLine, wish: ReturnWish, files: Sequence[UploadedFile], now: dt.datetime
) -> Return:
    """Ask the ERP to take goods of one order line back; the same form sent again returns the same.

    Of two people who return the same pieces at once, one wins: the line is locked, and what is left of it is counted
    anew behind the lock.

    Raises:
        NotPermitted: his role does not allow it.
        ReturnRefused, UploadRefused: with a sentence that says what to do; nothing was sent.
    """
    require(actor, Action.RETURN)
    with transaction.atomic():
        lock_line(line.line.erp_id)
        before = Return.objects.filter(sold_to=actor.sold_to, form_key=wish.form_key).first()
        if before is not None:
            return before
        _refuse_unless_returnable(actor, line, wish.quantity)
        asked = _create(actor, line, wish, now)
        asked.files.set(uploads.keep(actor=actor, files=files, now=now))
        queue_return(new=_for_erp(actor, line, asked), now=now)
        _tell_rep(asked, now)
        if actor.is_assisted:
            audit(
                actor=actor, action="return.ask", object_type="return", object_id=asked.reference,
                detail={"sku": asked.sku, "quantity": str(asked.quantity)}, now=now,
            )  # fmt: skip
    return asked


def lock_line(order_line_erp_id: str) -> None:
    """Wait until nobody else returns something of this order line; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [FAMILY, order_line_erp_id])


def _refuse_unless_returnable(actor: Actor, line: ReturnableLine, quantity: Decimal) -> None:
    delivered = line.line.quantity_delivered
    if delivered <= 0:
        raise ReturnRefused(
            _("Nothing of this line was delivered yet, so nothing can go back. Cancel or change the order instead.")
        )
    left = max(Decimal(0), delivered - asked_of_line(actor=actor, line=line.line))
    if left <= 0:
        raise ReturnRefused(_("All that was delivered of this line is on its way back already. Nothing was sent."))
    if quantity > left:
        raise ReturnRefused(
            _("Of this line %(left)s can still go back, %(asked)s were asked for. Nothing was sent: enter less.")
            % {"left": f"{formats.quantity(left)} {line.unit}", "asked": formats.quantity(quantity)}
        )


def _create(actor: Actor, line: ReturnableLine, wish: ReturnWish, now: dt.datetime) -> Return:
    asked = Return.objects.create(
        reference=new_reference(now),
        form_key=wish.form_key,
        sold_to=actor.sold_to,
        order_number=line.order.number or line.order.web_reference,
        order_erp_id=line.order.erp_id,
        order_line_erp_id=line.line.erp_id,
        line_no=line.line.line_no,
        sku=line.line.sku,
        name=line.name[:500],
        quantity=wish.quantity,
        unit=line.line.unit,
        reason=wish.reason,
        description=wish.description,
        asked_by=actor.user,
        assisted=actor.assisted,
        asked_at=now,
    )
    ReturnMove.objects.create(asked=asked, state=ReturnState.ASKED, at=now)
    return asked


def _for_erp(actor: Actor, line: ReturnableLine, asked: Return) -> NewReturn:
    item = mirror.item(line.line.sku)
    return NewReturn(
        reference=asked.reference,
        customer_erp_id=actor.sold_to.erp_id,
        order_erp_id=asked.order_erp_id,
        order_line_erp_id=asked.order_line_erp_id,
        item_erp_id=item.erp_id if item else "",
        quantity=asked.quantity,
        unit=asked.unit,
        reason=asked.reason,
        description=asked.description,
    )


def _tell_rep(asked: Return, now: dt.datetime) -> None:
    params = {
        "number": asked.reference,
        "order": asked.order_number,
        "sku": asked.sku,
        "quantity": str(asked.quantity.normalize()),
        "company": asked.sold_to.name,
    }
    items = mirror.item_words([asked.sku])
    params |= in_languages("unit", lambda: item_words(items[0]).unit(asked.unit) if items else asked.unit)
    params |= in_languages("reason", lambda: str(asked.get_reason_display()))
    _announce(asked, f"return:{asked.reference}:asked", "return_asked", "rep", now, params)


# --- what the ERP answered ---------------------------------------------------------------------------------------


def settle(*, event: WriteSettled, now: dt.datetime) -> None:
    """Carry the ERP's answer into the return; runs in the transaction that records it."""
    asked = Return.objects.select_for_update(of=("self",)).filter(reference=event.reference).first()
    if asked is None:
        return
    if isinstance(event.written, WrittenDocument):
        asked.erp_id, asked.erp_number = event.written.erp_id, event.written.number
    asked.erp_message = event.message[:500]
    asked.save(update_fields=["erp_id", "erp_number", "erp_message"])
    _move(asked, _settled_state(event), now)


def _settled_state(event: WriteSettled) -> str:
    if event.state == "done":
        written = event.written.state if isinstance(event.written, WrittenDocument) else ""
        return STATE_OF_ERP.get(written, ReturnState.ASKED)
    return ReturnState.REFUSED if event.state == "rejected" else ReturnState.WITH_US


def follow(*, asked: Return, erp: ErpReturn, now: dt.datetime) -> None:
    """Bring a return to where the mirror says it stands; its company is told of what is new."""
    with transaction.atomic():
        locked = Return.objects.select_for_update(of=("self",)).get(pk=asked.pk)
        locked.erp_id, locked.erp_number = erp.erp_id, erp.number or locked.erp_number
        locked.credit_number = erp.credit_number or locked.credit_number
        locked.save(update_fields=["erp_id", "erp_number", "credit_number"])
        _move(locked, state_in_erp(erp), now)


def _move(asked: Return, state: str, now: dt.datetime) -> None:
    if asked.state == state or asked.state in SETTLED:
        return
    asked.state = state
    asked.save(update_fields=["state"])
    ReturnMove.objects.create(asked=asked, state=state, at=now, message=asked.erp_message)
    if state in TOLD:
        params = {"number": asked.erp_number or asked.reference, "state": state, "sku": asked.sku}
        params |= {"reason": asked.erp_message} if state == ReturnState.REFUSED else {}
        _announce(asked, f"return:{asked.reference}:{state}", "return_answered", "buyers", now, params)


def _announce(asked: Return, key: str, event: str, audience: str, now: dt.datetime, params: dict[str, str]) -> None:
    told = Told(
        key=key,
        event=event,
        sold_to_id=asked.sold_to_id,
        audience=audience,
        occurred_at=now,
        path=reverse("return-detail", kwargs={"number": asked.reference}),
        params=params,
    )
    announce(shop_told, told)
