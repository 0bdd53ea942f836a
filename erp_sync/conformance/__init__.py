"""The adapter kit: one set of questions, put to every adapter by the tests and by `manage.py erp_check`.

For whoever writes an adapter (docs/adapters.md has the longer way):

1. Write `erp_sync/adapters/<erp>/adapter.py` with one class that fulfils `ports.Erp`: `from_settings(url, database,
   user, password, options)`, `capabilities`, and the calls. Requests go through `erp_sync.http.ErpHttp`.
2. Say in `capabilities` only what is true. A flag that is off makes its questions "cannot", with what the shop does
   instead; a flag that is on is tested.
3. `needs()` lists every field, method and right that the adapter uses, each compared with the ERP's own metadata.
4. Offer a sample (sample.py) in tests/erp_sync/adapters/<erp>_sample.py: a customer with price breaks and credit, items
   with steps and packs, prices known from the ERP's own form. `broken_line` is `erp_sync.faults.broken_line` for every
   adapter over HTTP: the questions cut the line themselves, at every request of a call. What the ERP has no record
   for raises `CannotAsk("why")`.
5. Put all the questions to it:

       @pytest.mark.parametrize("question", questions.ALL, ids=lambda one: one.name)
       def test_odoo_keeps_the_contract(odoo_sample: OdooSample, question: Question) -> None:
           answer = question.answer(odoo_sample)
           assert answer.verdict is (Verdict.CANNOT if question.name in ODOO_CANNOT else Verdict.PASS), answer.detail

   `ODOO_CANNOT` is a frozenset of names, each with its reason beside it: nothing is skipped in silence.
6. `manage.py erp_check` (with `--write` on a copy of the company) puts the same questions to whatever ERP the settings
   name, with a sample that it finds in the ERP itself (live.py).

sample.py: what must be offered · question.py: question, family, verdict, answer · questions.py: the list · reading.py,
paging.py, outage.py, ordering.py, quoting.py, after.py: the questions · calls.py: what they call · live.py and
confirmed.py: the sample of the command · guard.py: nothing is written without --write · report.py.
"""
