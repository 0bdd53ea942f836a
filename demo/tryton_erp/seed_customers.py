# SPDX-License-Identifier: GPL-3.0-or-later
"""The customers with their people, ship-tos, VAT numbers, reps, terms, limits and own codes."""

import unicodedata
from decimal import Decimal
from typing import Any

from demo.tryton_erp.catalogue import Item, items
from demo.tryton_erp.context import Seed
from demo.tryton_erp.customers import CUSTOMERS, NEAR_LIMIT, OWN_CODES, Customer

CIF_LETTERS = {"S.A.": "A", "S.L.": "B", "C.B.": "E", "S.C.": "J"}
JOBS = [("Purchasing", "Compras"), ("Site manager", "Jefe de obra"), ("Administration", "Admin.")]


def customers(seed: Seed) -> None:
    """Make the customers, in the order of `CUSTOMERS`."""
    Category = seed.get("party.category")
    segments = {name: Category(name=name) for name in ["Reseller", "Contractor", "Public"]}
    Category.save(list(segments.values()))
    Party = seed.get("party.party")
    records = [_party(seed, customer, number, segments) for number, customer in enumerate(CUSTOMERS, 1)]
    seed.save(Party, records)
    seed.ids["customers"] = [_summary(customer, record) for customer, record in zip(CUSTOMERS, records, strict=True)]


def _party(seed: Seed, customer: Customer, number: int, segments: dict[str, Any]) -> Any:
    limit = Decimal(customer.limit) if customer.limit else None
    price_list = customer.price_list and seed.ids["price_lists"][customer.price_list]
    Identifier = seed.get("party.identifier")
    return seed.get("party.party")(
        name=customer.name,
        code=customer.code,
        addresses=_addresses(seed, customer),
        categories=[segments[customer.segment]],
        lang=seed.ids["spanish"],
        identifiers=[Identifier(type="eu_vat", code="ES" + _cif(customer, number))],
        contact_mechanisms=_contacts(seed, customer, number),
        customer_payment_term=seed.ids["terms"][customer.term],
        sale_price_list=price_list,
        credit_limit_amount=limit,
    )


def _addresses(seed: Seed, customer: Customer) -> list[Any]:
    Address = seed.get("party.address")
    country = seed.ids["country"]
    head = Address(
        party_name=customer.name,
        street_unstructured=customer.street,
        postal_code=customer.postal_code,
        city=customer.city,
        country=country,
        invoice=True,
        delivery=True,
        sequence=1,
    )
    sites = [site.split("|") for site in customer.sites.split(";") if site]
    return [head] + [
        Address(
            party_name=f"{customer.name} - {name}",
            street_unstructured=street,
            postal_code=code,
            city=city,
            country=country,
            delivery=True,
            sequence=number,
        )
        for number, (name, street, code, city) in enumerate(sites, 2)
    ]


def _contacts(seed: Seed, customer: Customer, number: int) -> list[Any]:
    Contact = seed.get("party.contact_mechanism")
    result = [
        Contact(type="email", name=f"{person} ({job})", value=_email(person, customer))
        for person, (job, _) in zip(customer.people.split("|"), JOBS, strict=False)
    ]
    result.append(Contact(type="email", name="Invoices", value=f"facturas@{_domain(customer)}"))
    result.append(Contact(type="phone", value=f"+34 96 555 {number:02} 00"))
    return result


def _summary(customer: Customer, record: Any) -> dict[str, Any]:
    return {
        "id": record.id,
        "code": customer.code,
        "name": customer.name,
        "city": customer.city,
        "vat": record.identifiers[0].code,
        "price_list": customer.price_list,
        "web_since_days": customer.web_since,
        "rep": customer.rep,
        "invoice_address": record.addresses[0].id,
        "ship_to": [address.id for address in record.addresses],
        "people": [{"name": person, "email": _email(person, customer)} for person in customer.people.split("|")],
    }


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.lower())
    return "".join(c for c in text if c.isalnum() or c == " ")


def _domain(customer: Customer) -> str:
    words = _plain(customer.name.replace(".", "")).split()
    return "".join(word for word in words if word not in {"sa", "sl", "cb", "sc"}) + ".example"


def _email(person: str, customer: Customer) -> str:
    return f"{_plain(person).replace(' ', '.')}@{_domain(customer)}"


def _cif(customer: Customer, number: int) -> str:
    """Return a valid Spanish company number (made up)."""
    letter = CIF_LETTERS.get(customer.name.split()[-1], "F")
    if customer.segment == "Public":
        letter = "P"
    digits = f"{customer.postal_code[:2]}{number * 1873 % 100000:05}"
    odd = sum(sum(divmod(int(c) * 2, 10)) for c in digits[::2])
    control = -(odd + sum(int(c) for c in digits[1::2])) % 10
    return f"{letter}{digits}{'JABCDEFGHI'[control] if letter in 'PF' else control}"


def assign_reps(seed: Seed) -> None:
    """Say which rep looks after which customer: a relation between the two parties."""
    Type, Relation = seed.get("party.relation.type"), seed.get("party.relation")
    kind = Type(name="is sales rep of")
    reverse = Type(name="has sales rep")
    Type.save([kind, reverse])
    kind.reverse, reverse.reverse = reverse, kind
    Type.save([kind, reverse])
    seed.translate(Type, {kind.id: {"name": "es comercial de"}, reverse.id: {"name": "tiene como comercial a"}})
    reps = seed.ids["reps"]
    relations = []
    for customer in seed.ids["customers"]:
        rep = reps[customer["rep"]]
        rep["customers"].append(customer["code"])
        relations.append(Relation(from_=rep["party"], to=customer["id"], type=kind))
    Relation.save(relations)
    seed.ids["rep_relation_type"] = kind.id


def own_codes(seed: Seed) -> None:
    """Give some customers part numbers of their own."""
    Code = seed.get("sale.product_customer")
    Product = seed.get("product.product")
    catalogue = items(seed.options.products)
    ids = {customer["code"]: customer["id"] for customer in seed.ids["customers"]}
    records = []
    for code, pattern in OWN_CODES.items():
        customer = next(c for c in CUSTOMERS if c.code == code)
        for number, item in enumerate(_usual(customer, catalogue), 1):
            product = Product(seed.products[item.sku])
            records.append(
                Code(
                    party=ids[code],
                    template=product.template,
                    product=product,
                    code=pattern.format(number * 7),
                    name=item.name_es.upper(),
                )
            )
    seed.save(Code, records)


def _usual(customer: Customer, catalogue: list[Item]) -> list[Item]:
    families = customer.families.split()
    return [item for item in catalogue if item.family in families][::4][:24]


def limits(seed: Seed) -> None:
    """Leave one customer near its limit and the others well below theirs."""
    Party = seed.get("party.party")
    for customer in seed.ids["customers"]:
        party = Party(customer["id"])
        used = party.credit_amount
        limit = party.credit_limit_amount
        if customer["code"] == NEAR_LIMIT:
            party.credit_limit_amount = Decimal(int(used) // 50 * 50 + 200)
        elif limit is not None and used * Decimal("1.3") > limit:
            party.credit_limit_amount = Decimal((int(used * Decimal("1.5")) // 5000 + 1) * 5000)
        party.save()
        seed.ids["near_limit"] = NEAR_LIMIT
