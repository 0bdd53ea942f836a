"""What time does to approvals: nobody decides, or nobody who could is left."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction

from shop.approvals import telling
from shop.approvals.models import Approval, ApprovalState

MOST = 200


def sweep(*, now: dt.datetime) -> int:
    """Tell of approvals that nobody has decided for too long, once for each time they were sent; return how many."""
    before = now - dt.timedelta(hours=settings.APPROVAL_STUCK_H)
    late = Approval.objects.filter(state=ApprovalState.WAITING, asked_at__lte=before, stuck_at=None)
    return sum(_tell(pk, now) for pk in late.order_by("asked_at").values_list("pk", flat=True)[:MOST])


def _tell(pk: int, now: dt.datetime) -> bool:
    with transaction.atomic():
        rows = Approval.objects.select_for_update(of=("self",), skip_locked=True)
        late = rows.filter(pk=pk, state=ApprovalState.WAITING, stuck_at=None)
        approval = late.select_related("asked_by", "sold_to", "assisted").first()
        if approval is None:
            return False
        telling.stuck(approval=approval, now=now)
    return True
