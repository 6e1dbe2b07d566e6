# The two commands of a fresh machine: `make demo` shows revtrace at work, `make test` proves it.
# Everything here may be run again at any time; what is done already is not done twice.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
PACKAGES := core collector lineage alerts dashboards revtrace
READY := $(VENV)/.ready
SERVER := tests/npm/node_modules/.package-lock.json
# More arguments for the program behind a target: make test ARGS="tests/core -x"
ARGS ?=
# Processes that share the tests out among them, one more than cores since they wait for servers and disks, a file at a time and in the order of the folders: else the files of
# few tests, which are the long ones, would all come last.
WORKERS ?= 3

.PHONY: help setup demo test browser check format soak bench lock clean

help: ## List what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /\1\t/' | expand -t 10

setup: $(READY) ## Make .venv with revtrace in it

# pip checks the hash of every file it fetches; the project itself is built without isolation, so
# that its build backend is the pinned and hashed one too.
$(READY): constraints.txt constraints-dev.txt pyproject.toml
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
		rm -rf $(VENV); "$$(.ci/find-python)" -m venv $(VENV); fi
	$(BIN)/python -m pip install --quiet --require-hashes -r constraints.txt -r constraints-dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Start revtrace with a sample quarter and say where to look
	$(BIN)/revtrace up --demo $(ARGS)

test: $(READY) $(SERVER) browser ## Run the tests, on chDB and on a genuine ClickHouse server
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

# The tests look at the pages with the system's own Chromium.
browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || .ci/install-package chromium

# The genuine ClickHouse server of the tests is a library in an npm package.
$(SERVER): tests/npm/package-lock.json tests/npm/package.json
	@command -v npm >/dev/null || .ci/install-package npm
	npm ci --prefix tests/npm --no-fund --no-audit --loglevel=error
	@touch $@

check: $(READY) ## Lint, formatting and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(PACKAGES)

format: $(READY) ## Put the code into its format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

soak: $(READY) $(SERVER) ## The long tests: many more random cases, and those marked soak
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m "soak or hypothesis" --timeout=0 $(ARGS)

bench: $(READY) ## Measure the targets of the design
	$(BIN)/python -m benchmarks $(ARGS)

# What runs, then what only developing needs, at versions that agree. Where packages come from is the
# machine's business, so no host may be in the files.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --custom-compile-command "make lock"

lock: $(READY) ## Write the constraints anew from pyproject.toml (ARGS=--upgrade for newer versions)
	$(COMPILE) $(ARGS) pyproject.toml --output-file constraints.txt
	$(COMPILE) $(ARGS) --group dev --constraints constraints.txt --output-file constraints-dev.txt
	@! grep -nE '://|^-' constraints.txt constraints-dev.txt

clean: ## Take away everything that was made, but no data
	rm -rf $(VENV) tests/npm/node_modules build dist *.egg-info .pytest_cache .mypy_cache \
		.ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
