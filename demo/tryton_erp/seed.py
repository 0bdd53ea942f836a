# SPDX-License-Identifier: GPL-3.0-or-later
"""Fill the ERP: the steps in their order, and what is written down for the shop."""

import datetime as dt
import json
import secrets

from demo.tryton_erp import database
from demo.tryton_erp.context import Seed
from demo.tryton_erp.documents import report_templates
from demo.tryton_erp.media import pictures, product_documents
from demo.tryton_erp.options import DATABASE, Options
from demo.tryton_erp.price_lists import price_lists
from demo.tryton_erp.seed_catalogue import attributes, carriers, categories, discount_service, products, retire
from demo.tryton_erp.seed_company import accounting, company, people, warehouses
from demo.tryton_erp.seed_customers import assign_reps, customers, limits, own_codes
from demo.tryton_erp.seed_history import history
from demo.tryton_erp.seed_open import expiring_quotations, late_promises
from demo.tryton_erp.seed_today import (
    complaints,
    confirm_return,
    credit_note,
    promotion,
    quotations,
    receive_return,
    return_order,
    sequences,
    stock,
    supply,
)
from demo.tryton_erp.session import Erp, load, no_validation, say
from demo.tryton_erp.stories import stories
from demo.tryton_erp.units import units


def seed(options: Options) -> None:
    """Bring the ERP to its seeded state; nothing to do when it is there.

    A run that was interrupted leaves the file `incomplete`, and the next one starts again.
    """
    incomplete = options.data / "incomplete"
    backend = load(options)
    if _is_seeded(options) and not incomplete.exists():
        note_address(options)
        return
    incomplete.touch()
    database.drop(options)
    content = (database.source_digest(), dt.datetime.now(dt.UTC).date(), *options.content)
    cache = database.Cache(options, "seeded", content)
    if cache.load():
        say("seeded ERP of today taken from the local cache")
    else:
        database.create(options, backend)
        _fill(options)
        cache.store()
    database.keep_pristine(options)
    note_address(options)
    incomplete.unlink()


def reset(options: Options) -> None:
    """Put the ERP back to its seeded state; the server must be stopped."""
    if not options.is_sqlite:
        load(options)
    if options.state_file.exists() and database.restore_pristine(options):
        say("ERP put back to its first state")
        note_address(options)
    else:
        seed(options)


def note_address(options: Options) -> None:
    """Write to seed.json where this ERP answers."""
    ids = json.loads(options.state_file.read_text(encoding="utf-8"))
    ids |= {"url": f"http://{options.host}:{options.port}", "database": DATABASE}
    ids["of"] = _identity(options)
    new = options.state_file.with_suffix(".new")
    new.write_text(json.dumps(ids, indent=1, ensure_ascii=False), encoding="utf-8")
    new.rename(options.state_file)


def _is_seeded(options: Options) -> bool:
    if not (options.state_file.exists() and database.exists(options)):
        return False
    return json.loads(options.state_file.read_text(encoding="utf-8")).get("of") == _identity(options)


def _identity(options: Options) -> str:
    """Return which kind of database holds the data: seed.json of the other kind is another ERP's."""
    return "sqlite" if options.is_sqlite else "postgresql"


def _fill(options: Options) -> None:
    from trytond.transaction import Transaction

    erp = Erp()
    with Transaction().start(DATABASE, 0, readonly=True):
        erp.pool.init()
    say("seeding")
    with no_validation():
        run = Seed(erp, options)
        for step in [
            company,
            accounting,
            warehouses,
            units,
            categories,
            attributes,
            products,
            carriers,
            price_lists,
            people,
            customers,
            assign_reps,
            own_codes,
            report_templates,
            sequences,
        ]:
            run.do(step)
        history(run)
        for step in [promotion, quotations, expiring_quotations, late_promises, pictures, product_documents]:
            run.do(step)
        _returns(run)
        for step in [stock, supply, retire, limits, stories, discount_service]:
            run.do(step)
    run.ids["seed_id"] = secrets.token_hex(8)
    run.ids["seeded_on"] = run.today.isoformat()
    options.state_file.write_text(json.dumps(run.ids), encoding="utf-8")


def _returns(run: Seed) -> None:
    complaint = run.do(complaints)
    if complaint:
        sale_id = run.do(return_order, complaint)
        for step in [confirm_return, receive_return, credit_note]:
            run.do(step, sale_id)
