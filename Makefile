# `make run` and `make test` set everything up by themselves; nothing but Python 3.11+ and make is needed.

NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
SOURCES := src tests bench evals examples
PORT ?= 8765

.DEFAULT_GOAL := help
.PHONY: help run test check lint format typecheck fuzz package bench lock clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/run: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "SoulPrint needs Python 3.11 or newer. Install it, or say where it is: make PYTHON=…"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/run ## Import the bundled example and serve the page
	@SOULPRINT_HOME="$${SOULPRINT_HOME:-$(CURDIR)/.data}" sh -c '\
		$(BIN)/soulprint import examples/ines-chatgpt-export.zip && exec $(BIN)/soulprint up --no-open --port $(PORT)'

test: $(VENV)/dev ## Run every test
	$(BIN)/pytest -n auto

lint: $(VENV)/dev ## Check style and the way of the data
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/lint-imports

format: $(VENV)/dev ## Bring the code into shape
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

typecheck: $(VENV)/dev ## Check all types
	$(BIN)/mypy

package: $(VENV)/dev ## Build the wheel, install it in a clean environment and boot it
	$(BIN)/python -m tests.package

fuzz: $(VENV)/dev ## Feed the importer what a fuzzer makes of exports, for half a minute
	$(BIN)/python -m tests.importing.fuzz -max_total_time=30

check: lint typecheck package fuzz test ## All that CI checks

bench: $(VENV)/dev ## Measure speed and memory
	$(BIN)/python -m bench

lock: ## Renew the locked dependencies (needs uv)
	uv pip compile --quiet --universal --generate-hashes --no-header --extra local pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --generate-hashes --no-header --all-extras --group dev -c requirements.lock \
		pyproject.toml -o requirements-dev.lock

clean: ## Remove what was built and installed here; the data in .data stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
