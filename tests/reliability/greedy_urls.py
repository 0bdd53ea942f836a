"""The shop's addresses and two that take whatever is sent, for the control of mass_assign: it must find them."""

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.actors import PersonRequest
from accounts.permissions import require_person
from config.urls import handler403, handler404, handler500
from config.urls import urlpatterns as real

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]
FORM = """<form method="post" action="{action}"><input name="first_name" value="Eva"><button>Save</button></form>"""


@require_http_methods(["GET", "POST"])
@require_person
def greedy_profile(request: PersonRequest) -> HttpResponse:
    """Keep more of the person than its form asks for."""
    if request.method == "POST":
        type(request.user).objects.filter(pk=request.user.pk).update(
            **{name: request.POST[name] for name in ("first_name", "staff_role") if name in request.POST}
        )
    return HttpResponse(FORM.format(action="/greedy-profile/"))


@require_http_methods(["GET", "POST"])
def greedy_alias(request: HttpRequest) -> HttpResponse:
    """Take the company from the browser under another name."""
    actor = getattr(request, "actor", None)
    if request.method == "POST" and actor is not None and "creditIsBlocked" in request.POST:
        actor.sold_to.credit_is_blocked = not actor.sold_to.credit_is_blocked
        actor.sold_to.save()
    return HttpResponse(FORM.format(action="/greedy-alias/"))


urlpatterns = [
    path("greedy-profile/", greedy_profile, name="greedy-profile"),
    path("greedy-alias/", greedy_alias, name="greedy-alias"),
    *real,
]
