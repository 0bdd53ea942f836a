"""Which payment providers are switched on, from the environment; secrets may come from files (config/env.py)."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured

from config import env

Options = dict[str, str]
STRIPE_URL = "https://api.stripe.com"
STRIPE_CHECKOUT = "https://checkout.stripe.com"
MERCADO_PAGO_URL = "https://api.mercadopago.com"
MERCADO_PAGO_CHECKOUT = "https://www.mercadopago.cl"
WEBPAY = {True: "https://webpay3g.transbank.cl", False: "https://webpay3gint.transbank.cl"}


def payments_from(default: str = "") -> dict[str, Options]:
    """Return the options of each provider that PAYMENT_PROVIDERS names, in that order.

    Raises:
        ImproperlyConfigured: an unknown name, or a provider without what it needs.
    """
    names = env.items("PAYMENT_PROVIDERS", default)
    unknown = [name for name in names if name not in READ]
    if unknown:
        raise ImproperlyConfigured(
            f"PAYMENT_PROVIDERS names '{unknown[0]}', which nobody knows. Use: {', '.join(sorted(READ))}."
        )
    return {name: READ[name]() for name in names}


def trial_payments(secret: str) -> dict[str, Options]:
    """Return providers for trying out: one that takes no money, and a bank transfer to an account nobody has."""
    return {
        "fake": {"webhook_secret": secret},
        "bank_transfer": {
            "holder": env.text("COMPANY_NAME", "Suministros Ribera"),
            "number": "ES91 2100 0418 4502 0005 1332",
            "bic": "CAIXESBBXXX",
            "bank": "CaixaBank",
        },
    }


def form_targets(payments: dict[str, Options]) -> list[str]:
    """Return the hosts that a payer's form may lead to (CSP form-action)."""
    return sorted({host for options in payments.values() for host in options.get("checkout", "").split()})


def _fake() -> Options:
    return {"webhook_secret": env.secret("FAKE_WEBHOOK_SECRET")}


def _bank_transfer() -> Options:
    return {
        "holder": env.required("BANK_ACCOUNT_HOLDER"),
        "number": env.required("BANK_ACCOUNT_NUMBER"),
        "bic": env.text("BANK_BIC"),
        "bank": env.text("BANK_NAME"),
    }


def _stripe() -> Options:
    return {
        "url": STRIPE_URL,
        "checkout": env.text("STRIPE_CHECKOUT", STRIPE_CHECKOUT),
        "secret_key": env.required_secret("STRIPE_SECRET_KEY"),
        "webhook_secret": env.secret("STRIPE_WEBHOOK_SECRET"),
        "account": env.text("STRIPE_ACCOUNT"),
    }


def _mercado_pago() -> Options:
    return {
        "url": MERCADO_PAGO_URL,
        "checkout": env.text("MERCADO_PAGO_CHECKOUT", MERCADO_PAGO_CHECKOUT),
        "access_token": env.required_secret("MERCADO_PAGO_ACCESS_TOKEN"),
        "webhook_secret": env.secret("MERCADO_PAGO_WEBHOOK_SECRET"),
        "collector_id": env.required("MERCADO_PAGO_COLLECTOR_ID"),
    }


def _webpay_plus() -> Options:
    host = WEBPAY[env.flag("WEBPAY_LIVE", default=False)]
    return {
        "url": host,
        "checkout": host,
        "commerce_code": env.required("WEBPAY_COMMERCE_CODE"),
        "api_key": env.required_secret("WEBPAY_API_KEY"),
    }


READ: dict[str, Callable[[], Options]] = {
    "fake": _fake,
    "bank_transfer": _bank_transfer,
    "stripe": _stripe,
    "mercado_pago": _mercado_pago,
    "webpay_plus": _webpay_plus,
}
