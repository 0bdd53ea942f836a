"""Where providers send their messages. No session, no form token: the signature is what counts."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from shop.payments import webhooks
from shop.payments.errors import ProviderRefused, ProviderUnavailable, WebhookRefused

log = structlog.get_logger(__name__)
JSON = "application/json"


@csrf_exempt  # a provider has no form of ours; what it sends is proved by its signature
@require_POST
def payment_hook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's message in: 200 when it is in (again), 400 when it is not proved, 503 to send again."""
    try:
        outcome = webhooks.receive(
            name=provider, body=_raw(request), headers=request.headers, query=request.GET.dict(), now=timezone.now()
        )
    except WebhookRefused as error:
        log.warning("webhook_refused", provider=provider[:30], reason=str(error)[:200])
        return HttpResponse("refused", status=400, content_type="text/plain")
    except ProviderRefused as error:
        log.warning("webhook_without_payment", provider=provider[:30], reason=str(error)[:200])
        raise Http404 from error
    except ProviderUnavailable as error:
        log.warning("webhook_later", provider=provider[:30], reason=str(error)[:200])
        return HttpResponse("later", status=503, content_type="text/plain", headers={"Retry-After": "30"})
    return HttpResponse(outcome, content_type="text/plain")


def _raw(request: HttpRequest) -> bytes:
    """Return the body as it was sent: Django takes forms apart before anybody can prove them, so only JSON is read."""
    if request.content_type != JSON:
        raise WebhookRefused("not JSON")
    return request.body
