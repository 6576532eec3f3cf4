# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PEOPLE ?= 2000
PORT ?= 8000
RUN := .venv/bin
DEMO := NAUNGAN_DEMO=1

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

base:
	@tools/install.sh base

dev:
	@tools/install.sh dev

demo: base ## Build the demonstration world and serve it on http://localhost:8000 (PEOPLE=100000 works)
	@$(DEMO) $(RUN)/naungan demo --people $(PEOPLE) --port $(PORT)

serve: base ## Serve an installation (see docs/how-to/install.md for its settings)
	@$(RUN)/naungan serve --port $(PORT)

test: dev ## Run every test, on SQLite and on PostgreSQL, browser included
	@tools/need.sh
	$(RUN)/pytest -n 2 tests
	$(RUN)/python tools/with_postgres.py $(RUN)/pytest -n 2 -m database tests

unit: dev ## Run the tests that need neither browser nor server
	$(RUN)/pytest -n 2 -m "not browser and not slow" tests

check: dev ## Format, lint, types, layers, migrations, translations, docs and locks
	$(RUN)/ruff format --check src tests tools bench
	$(RUN)/ruff check src tests tools bench
	$(RUN)/mypy
	$(RUN)/lint-imports
	$(DEMO) NAUNGAN_HOME=build/check $(RUN)/python -m django makemigrations --check --dry-run --settings naungan.site.settings
	$(RUN)/python tools/messages.py check
	$(RUN)/python tools/lock.py --check
	$(RUN)/python tools/places.py
	$(RUN)/pytest -q -p no:randomly tests/docs

fix: dev ## Repair what can be repaired
	$(RUN)/ruff format src tests tools bench
	$(RUN)/ruff check --fix src tests tools bench
	$(RUN)/python tools/messages.py update
	$(RUN)/python tools/messages.py compile
	$(RUN)/python tools/reference.py

lock: dev ## Write requirements/*.txt anew from pyproject.toml
	$(RUN)/python tools/lock.py

bench: dev ## Measure, and write bench/results.md, bench/prevalence.md and bench/release.md
	$(RUN)/python -m bench.prevalence
	$(RUN)/python -m bench.release
	$(RUN)/python -m bench

docs: dev ## Build the documentation into build/docs
	$(RUN)/python tools/reference.py
	$(RUN)/sphinx-build -q -W --keep-going -d build/doctrees docs build/docs
	@echo "Open build/docs/index.html"

clean: ## Remove what was built (not the data in var/)
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache

.PHONY: help base dev demo serve test unit check fix lock bench docs clean
