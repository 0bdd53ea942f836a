# SPDX-License-Identifier: GPL-3.0-or-later
"""The wholesaler itself: company, accounts, taxes, terms, warehouses, people, and the web's user."""

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any

from demo.tryton_erp.context import Seed

# Every channel in which an order can arrive; the ERP stores the names in lower case.
CHANNELS = ["web", "phone", "email", "rep", "edi", "fax", "counter"]
TAXES = [("IVA 21%", "0.21"), ("IVA 10%", "0.10")]
TERMS = [
    ("On receipt", "Al contado", [0]),
    ("30 days", "30 días", [30]),
    ("60 days", "60 días", [60]),
    ("30/60 days", "30/60 días", [30, 60]),
]
INTEGRATION_GROUPS = [
    # (module, xml id): the least rights that every call of the shop needs
    ("sale", "group_sale"),
    ("sale_amendment", "group_sale_amendment"),
    ("stock", "group_stock"),
    ("account", "group_account"),
    ("account_payment", "group_payment"),
    ("account_payment", "group_payment_approval"),
    ("party", "group_party_admin"),
    ("marketing", "group_marketing"),
]
REPS = [("Ana Ruiz", "ana.ruiz"), ("Luis Pardo", "luis.pardo"), ("Marta Iborra", "marta.iborra")]
DOMAIN = "ribera.example"


def company(seed: Seed) -> None:
    """Make the currency, the country and the company, and go on as its administrator."""
    euro = seed.get("currency.currency")(
        name="Euro", code="EUR", symbol="€", numeric_code="978", rounding=Decimal("0.01"), digits=2
    )
    euro.save()
    spain = seed.get("country.country")(name="Spain", code="ES", code3="ESP", code_numeric="724")
    spain.save()
    seed.translate(seed.get("country.country"), {spain.id: {"name": "España"}})
    Party, Address = seed.get("party.party"), seed.get("party.address")
    party = Party(
        name="Suministros Ribera S.L.",
        code="COMPANY",
        identifiers=[seed.get("party.identifier")(type="eu_vat", code="ESB46120002")],
        addresses=[
            Address(street_unstructured="Calle del Puerto 12", postal_code="46011", city="Valencia", country=spain)
        ],
    )
    party.save()
    record = seed.get("company.company")(party=party, currency=euro, timezone="Europe/Madrid")
    record.save()
    User = seed.get("res.user")
    (admin,) = User.search([("login", "=", "admin")])
    admin.password = seed.options.password
    admin.email = f"admin@{DOMAIN}"
    admin.companies = [record]
    admin.company = record
    admin.save()
    (spanish,) = seed.get("ir.lang").search([("code", "=", "es")])
    seed.ids.update(spanish=spanish.id, company=record.id, currency=euro.id, country=spain.id, company_party=party.id)
    seed.erp.user = admin.id
    seed.erp.context = {"company": record.id, "language": "en"}


def accounting(seed: Seed) -> None:
    """Make the chart of accounts, taxes, fiscal years, terms and ways to pay."""
    accounts = _chart(seed)
    _taxes(seed, accounts)
    _fiscal_years(seed)
    _payment_terms(seed)
    _payment_methods(seed, accounts)
    # orders are invoiced on what was shipped
    configuration = seed.get("sale.configuration")(1)
    configuration.sale_invoice_method = "fulfillment"
    configuration.sale_shipment_method = "order"
    configuration.sale_quotation_validity = dt.timedelta(days=30)
    configuration.save()


def _chart(seed: Seed) -> dict[str, Any]:
    company_id = seed.ids["company"]
    wizard = seed.get("account.create_chart", "wizard")
    session, _, _ = wizard.create()
    wizard.execute(session, {}, "account")
    template = seed.xml("account", "account_template_root_en")
    wizard.execute(session, {"account": {"company": company_id, "account_template": template}}, "create_account")
    Account = seed.get("account.account")

    def account(*domain: Any) -> Any:
        common = [("company", "=", company_id), ("closed", "!=", True)]
        return Account.search([*common, *domain], limit=1)[0]

    party = ("party_required", "=", True)
    accounts = {
        "receivable": account(("type.receivable", "=", True), party),
        "payable": account(("type.payable", "=", True), party),
        "revenue": account(("type.revenue", "=", True)),
        "expense": account(("type.expense", "=", True)),
        "cash": account(("code", "=", "1.1.1")),
        "tax": account(("code", "=", "6.3.6")),
    }
    wizard.execute(
        session,
        {
            "properties": {
                "company": company_id,
                "account_receivable": accounts["receivable"].id,
                "account_payable": accounts["payable"].id,
                "category_account_expense": accounts["expense"].id,
                "category_account_revenue": accounts["revenue"].id,
            }
        },
        "create_properties",
    )
    wizard.delete(session)
    (clearing,) = Account.copy([accounts["cash"]], default={"name": "Card payments in transit", "code": "1.1.9"})
    if not clearing.reconcile:
        clearing.reconcile = True
        clearing.save()
    accounts["clearing"] = clearing
    seed.ids["accounts"] = {name: record.id for name, record in accounts.items()}
    return accounts


def _taxes(seed: Seed, accounts: dict[str, Any]) -> None:
    Tax, Category = seed.get("account.tax"), seed.get("product.category")
    taxes, categories = {}, {}
    for name, rate in TAXES:
        tax = Tax(
            name=name,
            description=name,
            type="percentage",
            rate=Decimal(rate),
            company=seed.ids["company"],
            invoice_account=accounts["tax"],
            credit_note_account=accounts["tax"],
        )
        tax.save()
        category = Category(
            name=name,
            accounting=True,
            account_expense=accounts["expense"],
            account_revenue=accounts["revenue"],
            customer_taxes=[tax],
        )
        category.save()
        taxes[name], categories[name] = tax.id, category.id
    seed.ids["taxes"] = taxes
    seed.ids["tax_category"] = categories


def _fiscal_years(seed: Seed) -> None:
    first = seed.days_ago(seed.options.days + 40).year
    FiscalYear = seed.get("account.fiscalyear")
    years = [_fiscal_year(seed, year) for year in range(first, seed.today.year + 2)]
    FiscalYear.save(years)
    FiscalYear.create_period(years)


def _fiscal_year(seed: Seed, year: int) -> Any:
    Sequence = seed.get("ir.sequence.strict")
    company_id = seed.ids["company"]
    moves = Sequence(
        name=f"Moves {year}",
        company=company_id,
        prefix=f"{year}-",
        sequence_type=seed.xml("account", "sequence_type_account_move"),
    )
    moves.save()
    numbers = []
    for name, prefix in [("Invoices", "F"), ("Credit notes", "R")]:
        sequence = Sequence(
            name=f"{name} {year}",
            company=company_id,
            prefix=f"{prefix}{year}-",
            padding=5,
            sequence_type=seed.xml("account_invoice", "sequence_type_account_invoice"),
        )
        sequence.save()
        numbers.append(sequence)
    invoice, credit = numbers
    return seed.get("account.fiscalyear")(
        name=str(year),
        company=company_id,
        start_date=dt.date(year, 1, 1),
        end_date=dt.date(year, 12, 31),
        move_sequence=moves,
        invoice_sequences=[
            seed.get("account.fiscalyear.invoice_sequence")(
                company=company_id,
                out_invoice_sequence=invoice,
                in_invoice_sequence=invoice,
                out_credit_note_sequence=credit,
                in_credit_note_sequence=credit,
            )
        ],
    )


def _payment_terms(seed: Seed) -> None:
    Term = seed.get("account.invoice.payment_term")
    TermLine = seed.get("account.invoice.payment_term.line")
    Delta = seed.get("account.invoice.payment_term.line.delta")

    def delta(days: int) -> list[Any]:
        return [Delta(months=0, weeks=0, days=days)]

    terms = []
    for name, _, days in TERMS:
        half = [
            TermLine(type="percent_on_total", ratio=Decimal("0.5"), divisor=Decimal(2), relativedeltas=delta(first))
            for first in days[:-1]
        ]
        rest = TermLine(type="remainder", relativedeltas=delta(days[-1]))
        terms.append(Term(name=name, lines=[*half, rest]))
    Term.save(terms)
    seed.translate(Term, {t.id: {"name": es} for t, (_, es, _) in zip(terms, TERMS, strict=True)})
    seed.ids["terms"] = {t.name: t.id for t in terms}


def _payment_methods(seed: Seed, accounts: dict[str, Any]) -> None:
    (journal,) = seed.get("account.journal").search([("type", "=", "cash")], limit=1)
    Method = seed.get("account.invoice.payment.method")
    methods = [
        Method(
            name=name,
            company=seed.ids["company"],
            journal=journal,
            credit_account=accounts["cash"],
            debit_account=accounts["cash"],
        )
        for name in ["Bank transfer", "Card (web shop)"]
    ]
    Method.save(methods)
    card = seed.get("account.payment.journal")(
        name="Card (web shop)",
        company=seed.ids["company"],
        currency=seed.ids["currency"],
        process_method="manual",
        clearing_account=accounts["clearing"],
        clearing_journal=journal,
    )
    card.save()
    (revenue,) = seed.get("account.journal").search([("type", "=", "revenue")], limit=1)
    seed.ids["payment_methods"] = {method.name: method.id for method in methods}
    seed.ids["payment_journal"] = card.id
    seed.ids["journals"] = {"cash": journal.id, "revenue": revenue.id}


def warehouses(seed: Seed) -> None:
    """Make the two warehouses."""
    Location = seed.get("stock.location")
    (main,) = Location.search([("type", "=", "warehouse")])
    main.name, main.code = "Valencia", "VLC"
    main.save()

    def place(name: str, kind: str) -> Any:
        location = Location(name=name, type=kind)
        location.save()
        return location

    north = Location(
        name="Bilbao",
        code="BIO",
        type="warehouse",
        lost_found_location=place("Bilbao lost and found", "lost_found"),
        storage_location=place("Bilbao storage", "storage"),
        input_location=place("Bilbao input", "storage"),
        output_location=place("Bilbao output", "storage"),
    )
    north.save()
    configuration = seed.get("product.configuration")(1)
    configuration.default_lead_time = dt.timedelta(days=1)
    configuration.save()
    seed.ids["warehouses"] = {"VLC": main.id, "BIO": north.id}


def people(seed: Seed) -> None:
    """Make the sales reps, the integration's user, the web shop and the channels."""
    _reps(seed)
    _integration_user(seed)
    shop = seed.get("web.shop")(
        name="B2B web shop",
        company=seed.ids["company"],
        currency=seed.ids["currency"],
        warehouses=list(seed.ids["warehouses"].values()),
    )
    shop.save()
    Medium = seed.get("marketing.medium")
    media = [Medium(name=name) for name in CHANNELS]
    Medium.save(media)
    seed.ids["web_shop"] = shop.id
    seed.ids["channels"] = {medium.name: medium.id for medium in media}


def _reps(seed: Seed) -> None:
    reps = []
    for name, login in REPS:
        email = f"{login}@{DOMAIN}"
        employee = _employee(seed, name, email)
        reps.append(
            {"employee": employee.id, "party": employee.party.id, "name": name, "email": email, "customers": []}
        )
    seed.ids["reps"] = reps


def _employee(seed: Seed, name: str, email: str) -> Any:
    contact = seed.get("party.contact_mechanism")(type="email", value=email)
    party = seed.get("party.party")(name=name, contact_mechanisms=[contact])
    party.save()
    employee = seed.get("company.employee")(party=party, company=seed.ids["company"])
    employee.save()
    return employee


def _integration_user(seed: Seed) -> None:
    employee = _employee(seed, "Web shop", f"webshop@{DOMAIN}")
    groups = seed.get("res.group").browse([seed.xml(*name) for name in INTEGRATION_GROUPS])
    user = seed.get("res.user")(
        name="Web shop integration",
        login="webshop",
        email=f"webshop@{DOMAIN}",
        password=seed.options.password,
        groups=groups,
        companies=[seed.ids["company"]],
        company=seed.ids["company"],
        employees=[employee],
        employee=employee,
    )
    user.save()
    key = secrets.token_hex(32)
    seed.get("res.user.application")(user=user, application="rest", key=key, state="validated").save()
    seed.ids.update(user="webshop", user_id=user.id, password=seed.options.password, rest_key=key)
