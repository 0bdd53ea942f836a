"""The people of the demo: who they are, for whom they order, since when their companies can. Plain data and services.

Everything goes through the services that the shop itself uses. Passwords are known, so the command refuses production.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from accounts import assisted, invitations, services
from accounts.actors import Actor
from accounts.models import (
    AssistedSession,
    Eligibility,
    Invitation,
    Membership,
    Period,
    RepAssignment,
    Role,
    SoldTo,
    User,
)
from accounts.selectors import company_day
from erp_sync.mirror.models import Customer
from shop.approvals import company_services
from shop.approvals.company_services import RuleData
from shop.approvals.models import ApprovalRule

PASSWORD = "ribera-demo-2026"  # noqa: S105 (known on purpose: it is printed)
MAIN, SISTER, NEVER = "C0001", "C0007", "C0019"
STRATEGIC = {"C0001", "C0005", "C0009"}
# Companies that never ordered online: since how many days they could, or why they cannot.
ENABLED_UNUSED = {"C0016": 150}
EXCLUDED = {
    "C0009": "Pide por EDI; en la tienda duplicaría pedidos",
    "C0013": "Paga al contado en mostrador; sin condiciones de crédito",
}
# Above this amount, untaxed, the main company's buyers need an approver's yes.
RULE, RULE_OVER = "Pedidos de más de 1.000 €", Decimal(1_000)
MANAGER = ("Clara", "Vidal", "clara.vidal@ribera.example")
ASSISTED_BEFORE = (
    (41, "Nos llamó desde la obra sin acceso a la tienda"),
    (9, "Pidió ayuda con un pedido urgente"),
)
TRY = {
    Role.BUYER: "search an item, order it with your PO number, reorder an old order, download an invoice",
    Role.APPROVER: "the same company: approve what the buyer orders above 1,000 €, from the mail, on a phone",
    Role.ADMIN: "invite somebody under People; see under “Who acted for us” which rep ordered and why",
    "rep": "open the desk, act for a customer with a reason, order for him, end the session",
    "manager": "open the administration: adoption, eligibility, invitations, the audit log",
}


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to log in as."""

    role: str
    name: str
    email: str
    password: str
    company: str

    def as_json(self) -> dict[str, str]:
        """Return what the launcher prints and writes to demo.json."""
        return {
            "role": self.role,
            "name": self.name,
            "email": self.email,
            "password": self.password,
            "company": self.company,
            "try": TRY.get(self.role, ""),
        }


def seed(*, erp_seed: Path, now: dt.datetime) -> list[DemoPerson]:
    """Write the demo's people and companies; run again it adds what is missing and changes nothing else.

    Raises:
        FileNotFoundError: the ERP was not seeded, so nobody knows who works for whom.
        LookupError: the mirror holds no customers yet.
    """
    erp = json.loads(erp_seed.read_text(encoding="utf-8"))
    manager = _manager(now=now)
    companies = _companies(by=manager, now=now)
    if MAIN not in companies:
        raise LookupError(MAIN)
    for entry in erp["customers"]:
        if entry["code"] in companies:
            _ledger(companies[entry["code"]], entry, by=manager, now=now)
            _buyers(companies[entry["code"]], entry["people"])
    reps = [_rep(entry, companies, by=manager, now=now) for entry in erp["reps"]]
    _sister(companies)
    _rules(companies[MAIN], now=now)
    _history(companies[MAIN], now=now)
    return _people(manager, reps)


def _companies(*, by: User, now: dt.datetime) -> dict[str, SoldTo]:
    """Take over every customer of the ERP; return them by customer number."""
    found = {}
    for customer in Customer.objects.filter(is_active=True, gone_at=None):
        company = services.create_from_erp(customer=customer, by=by, now=now)
        found[company.number] = company
    SoldTo.objects.filter(number__in=STRATEGIC).update(is_strategic=True)
    return found


def _ledger(company: SoldTo, entry: dict[str, Any], *, by: User, now: dt.datetime) -> None:
    """Say since when the company can buy online, or why it cannot."""
    if Eligibility.objects.filter(sold_to=company).exists() or company.number == NEVER:
        return
    today = company_day(now)
    if reason := EXCLUDED.get(company.number):
        services.exclude(
            sold_to=company,
            from_on=today - dt.timedelta(days=300),
            reason=reason,
            owner=by,
            review_on=today + dt.timedelta(days=45),
            by=by,
            now=now,
        )
        return
    days = entry.get("web_since_days") or ENABLED_UNUSED.get(company.number)
    if days:
        # A company is enabled some days before its first order.
        since = today - dt.timedelta(days=days + 10)
        services.set_eligible(sold_to=company, from_on=since, by=by, now=now)


def _buyers(company: SoldTo, people: list[dict[str, str]]) -> None:
    """Make the company's people: buyer, approver, administrator, in this order."""
    for role, person in zip((Role.BUYER, Role.APPROVER, Role.ADMIN), people, strict=False):
        user = _user(person["name"], person["email"])
        Membership.objects.get_or_create(user=user, sold_to=company, defaults={"role": role})


def _sister(companies: dict[str, SoldTo]) -> None:
    """Let the main company's buyer order for a second one too, to have something to switch to."""
    buyer = User.objects.filter(memberships__sold_to=companies[MAIN], memberships__role=Role.BUYER).first()
    if buyer and SISTER in companies:
        Membership.objects.get_or_create(user=buyer, sold_to=companies[SISTER])


def _rules(company: SoldTo, *, now: dt.datetime) -> None:
    """Let the main company's buyers ask for approval above an amount, so that its approver has something to decide."""
    admin = Membership.objects.filter(sold_to=company, role=Role.ADMIN).select_related("user", "sold_to").first()
    if admin is None or ApprovalRule.objects.filter(sold_to=company).exists():
        return
    data = RuleData(
        name=RULE, role=Role.BUYER, cost_centre=None, category_erp_id="", order_over=RULE_OVER, period_over=None,
        period=Period.MONTH, approver=None, is_active=True,
    )  # fmt: skip
    actor = Actor(user=admin.user, sold_to=company, membership=admin)
    company_services.save_rule(actor=actor, rule=None, data=data, now=now)


def _manager(*, now: dt.datetime) -> User:
    first, last, email = MANAGER
    person = _user(f"{first} {last}", email)
    if not person.is_manager:
        services.grant_manager(person=person, by=None, now=now)
    return person


def _rep(entry: dict[str, Any], companies: dict[str, SoldTo], *, by: User, now: dt.datetime) -> User:
    person = _user(entry["name"], entry["email"])
    if not person.is_rep:
        services.grant_rep(person=person, by=by, now=now)
    since = company_day(now) - dt.timedelta(days=550)
    for number in entry["customers"]:
        if number in companies and not RepAssignment.objects.filter(sold_to=companies[number]).exists():
            services.assign_rep(rep=person, sold_to=companies[number], from_on=since, by=by, now=now)
    return person


def _history(company: SoldTo, *, now: dt.datetime) -> None:
    """Leave an open invitation and two assisted sessions behind, each with its audit entries and facts."""
    admin = Membership.objects.filter(sold_to=company, role=Role.ADMIN).select_related("user").first()
    if admin and not Invitation.objects.filter(sold_to=company).exists():
        email = "almacen@" + admin.user.email.split("@")[1]
        invitations.invite(email=email, sold_to=company, role=Role.BUYER, language="es", by=admin.user, now=now)
    assignment = RepAssignment.objects.filter(sold_to=company).select_related("rep").first()
    if assignment is None or AssistedSession.objects.filter(sold_to=company).exists():
        return
    for days, reason in ASSISTED_BEFORE:
        at = now - dt.timedelta(days=days)
        session = assisted.start(rep=assignment.rep, sold_to=company, reason=reason, now=at)
        assisted.end(assisted=session, cause="ended", now=at + dt.timedelta(minutes=12))


def _user(name: str, email: str) -> User:
    """Return the person; his password is set when he is made, never again."""
    found = User.objects.filter(email=email).first()
    if found:
        return found
    first, _space, last = name.partition(" ")
    return User.objects.create_user(email, PASSWORD, first_name=first, last_name=last)


def _people(manager: User, reps: list[User]) -> list[DemoPerson]:
    """Return whom to log in as: the main company's three first, then ours, then everybody else."""
    members = Membership.objects.filter(is_active=True).select_related("user", "sold_to").order_by("pk")
    buyers = [_person(one.user, one.role, one.sold_to.name) for one in members]
    main = Membership.objects.filter(sold_to__number=MAIN).count()
    ours = [_person(rep, "rep", "") for rep in reps] + [_person(manager, "manager", "")]
    return buyers[:main] + ours + buyers[main:]


def _person(user: User, role: str, company: str) -> DemoPerson:
    return DemoPerson(role=role, name=str(user), email=user.email, password=PASSWORD, company=company)
