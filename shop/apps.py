"""Django app of the storefront."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopConfig(AppConfig):
    """Catalogue, basket, orders, invoices."""

    name = "shop"
    verbose_name = _("Shop")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what the outbox settles."""
        from shop.home import desk  # noqa: F401
        from shop.home import receivers as home_receivers  # noqa: F401
        from shop.notices import receivers as notice_receivers  # noqa: F401
        from shop.orders import receivers  # noqa: F401
        from shop.payments import receivers as payment_receivers  # noqa: F401
        from shop.quotes import receivers as quote_receivers  # noqa: F401
        from shop.returns import receivers as return_receivers  # noqa: F401
