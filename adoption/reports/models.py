"""The adoption report's place in the admin's menu."""

from django.utils.translation import gettext_lazy as _

from adoption.events.models import Event


class AdoptionReport(Event):
    """No table of its own: it stands for the report page, which is computed from facts."""

    class Meta:
        proxy = True
        verbose_name = _("adoption report")
        verbose_name_plural = _("Adoption report")
