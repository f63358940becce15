# `make help` lists what can be made. Set PYTHON=/path/to/python3 to choose the Python.

LEAN := .venv
FULL := .venv-test
TESTS_TOGETHER := $(wildcard tests/unit tests/contract tests/flow tests/reliability)
TESTS_ALONE := $(wildcard tests/integration tests/acceptance)
CODE := $(wildcard schemas matching services tests)
PYTEST := $(FULL)/bin/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help demo test check style types contracts doctests units nightly mutants bench environment environment-test lock clean

help: ## List what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | awk -F '\t' '{printf "  make %-17s %s\n", $$1, $$2}'

demo: environment ## Set up what runs, without torch, and play a year in one borough
	@$(LEAN)/bin/foothold demo

test: check ## Set everything up, then run every check and every test
	@$(if $(TESTS_ALONE),echo "== tests with a real broker" && $(PYTEST) $(TESTS_ALONE))

check: style types contracts doctests units ## Style, types, import contracts, and the tests that need no broker

style: environment-test
	@echo "== ruff" && $(FULL)/bin/ruff check --quiet . && $(FULL)/bin/ruff format --check --quiet .

types: environment-test
	@echo "== mypy" && $(FULL)/bin/mypy

contracts: environment-test
	@echo "== import contracts" && $(FULL)/bin/lint-imports --no-logo

doctests: environment-test
	@echo "== doctests" && $(PYTEST) --doctest-modules --quiet schemas matching services/logs.py

units: environment-test
	@echo "== tests without a broker" && $(PYTEST) -n 2 $(TESTS_TOGETHER)

nightly: environment-test ## Check the core's rules on thousands of drawn markets each
	@$(PYTEST) --hypothesis-profile nightly --timeout 7200 -n 2 tests/unit/matching/market

mutants: environment-test ## Plant known bugs, and see that the tests catch each
	@$(FULL)/bin/python -m tests.mutants

bench: environment-test ## Measure, on this machine (tests/benchmarks)
	@cd $(CURDIR) && for each in retrieval allocation slots flow; do echo "== $$each" && PYTHONPATH=. $(FULL)/bin/python tests/benchmarks/$$each.py; done

environment: ## Set up what runs, in .venv
	@sh deploy/environment.sh $(LEAN) requirements.txt

environment-test: ## Set up what runs and what tests it, in .venv-test
	@sh deploy/environment.sh $(FULL) requirements-dev.txt

lock: environment-test ## Resolve the locks anew from pyproject.toml
	@$(FULL)/bin/uv pip compile pyproject.toml --group build $(COMPILE) --output-file requirements.txt
	@$(FULL)/bin/uv pip compile pyproject.toml --group build --group dev --extra models \
		--constraints requirements.txt --no-annotate $(COMPILE) --output-file requirements-dev.txt

COMPILE := --quiet --universal --generate-hashes --python-version 3.11 --custom-compile-command "make lock"

clean: ## Remove both environments and every cache
	@rm -rf $(LEAN) $(FULL) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find $(CODE) -name __pycache__ -type d -prune -exec rm -rf {} +
