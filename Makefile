# Every command works on a fresh machine with Python 3.11 or newer and make; each does its own set-up.
PYTHON ?= python3
BIN := .venv/bin
SETUP := $(PYTHON) config/setup_venv.py
# The number of tests that run at once; 0 runs them in one process.
JOBS ?= 2
TEST ?=
# Compiled once, not by every process that the tests start: some environments forbid it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo demo-reset test test-odoo test-tools check bench screenshots lock texts

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## create .venv and install the locked packages
	@$(SETUP) requirements-dev.lock
	@$(MAKE) --no-print-directory texts

texts: ## compile the translations
	@if [ -d locale ]; then $(BIN)/pybabel --quiet compile -f -d locale -D django; fi

demo: ## start the shop beside a real ERP, print the URL and the log-ins
	@$(PYTHON) demo/up.py

demo-reset: ## put the demo back to its first state
	@$(PYTHON) demo/up.py --reset

test-tools: ## what the tests drive besides Python: a browser and Redis, where they may be installed
	@sh .ci/tools

test: setup test-tools ## run every test, in a real PostgreSQL (TEST=path for a part)
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup $(TEST)

test-odoo: setup ## run the tests against a real Odoo 19 (the first time it is fetched, about four minutes; then cached)
	@sh .ci/tools wkhtmltopdf
	@$(BIN)/python -m pytest -m odoo tests/odoo

check: setup ## format, lint, types, import contracts, templates, migrations, texts
	@$(BIN)/python config/check.py

bench: setup ## measure the shop, print a table, keep it under benchmarks/results/
	@$(BIN)/python -m benchmarks.run
	@$(BIN)/python -m benchmarks.documents_bench
	@$(BIN)/python -m benchmarks.fast_bench
	@$(BIN)/python -m benchmarks.erp_bench
	@$(BIN)/python -m benchmarks.adoption_bench
	@$(BIN)/python -m benchmarks.retail_bench

screenshots: setup test-tools ## take pictures of the main pages (desktop and phone)
	@$(BIN)/python -m tests.e2e.screenshots

lock: ## resolve the lock files again (needs uv)
	@sh config/lock.sh
