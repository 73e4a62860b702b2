# parlour: what there is to do. `make` or `make help` lists it.
#
# Everything happens in .venv, which is made on first use from locks with hashes (requirements/*.lock); nothing is
# installed elsewhere. Needed before: make, git, Python 3.11 or newer with its venv module. Another Python: PYTHON=...

PYTHON ?= python3
JOBS ?= 2
PYTEST_ARGS ?=
RUN_ARGS ?=
BENCH_ARGS ?=

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
SOURCES = $(wildcard parlour tests tools benchmarks examples)

export PYTHON VENV
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export UV_PYTHON_DOWNLOADS := never
export PYTHONPATH :=
unexport PYTHONDONTWRITEBYTECODE  # compiling everything at each start takes seconds

.DEFAULT_GOAL := help
.PHONY: help setup run deps test check bench rows lock clean format \
	check-format check-lint check-types check-imports check-docs check-files check-audit

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- the environment: one stamp for what `run` needs, one for what developing needs -----------------------------------

$(VENV)/.bootstrap: requirements/bootstrap.lock tools/environment.sh
	@sh tools/environment.sh bootstrap

$(VENV)/.server: $(VENV)/.bootstrap requirements/server.lock pyproject.toml
	@sh tools/environment.sh server

$(VENV)/.dev: $(VENV)/.bootstrap requirements/dev.lock pyproject.toml
	@sh tools/environment.sh dev

setup: $(VENV)/.dev ## make the environment for developing

# --- what people use --------------------------------------------------------------------------------------------------

run: $(VENV)/.server ## serve on 127.0.0.1:8000 (HOST and PORT change it; RUN_ARGS are handed on)
	@exec $(BIN)/parlour serve $(RUN_ARGS)

deps: ## install the servers that the tests start, where that is possible (Debian, root or sudo)
	@sh tools/deps.sh

test: $(VENV)/.dev deps ## every test (JOBS at once, 2 unless told; PYTEST_ARGS are handed on)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n $(JOBS) --dist=loadgroup $(PYTEST_ARGS)

check: check-format check-lint check-types check-imports check-docs check-files check-audit ## all that is proved without running the tests
	@echo "check: all passed"

bench: $(VENV)/.dev ## the benchmarks, beside their baseline
	@exec $(BIN)/python -m benchmarks $(BENCH_ARGS)

rows: $(VENV)/.dev ## what works, row by row, written to docs/features.md and printed
	@$(BIN)/python tools/rows.py --write --print

format: $(VENV)/.dev ## write the code as `make check` wants to see it
	@$(BIN)/ruff check --fix --quiet $(SOURCES) || true
	@$(BIN)/ruff format $(SOURCES)

lock: $(VENV)/.bootstrap ## choose the newest versions and write the locks anew (UPGRADE= keeps what still fits)
	@sh tools/environment.sh lock

clean: ## remove the environment and every cache; databases stay
	@rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +

# --- the parts of check -----------------------------------------------------------------------------------------------

check-format: $(VENV)/.dev
	@$(BIN)/ruff format --check $(SOURCES)

check-lint: $(VENV)/.dev
	@$(BIN)/ruff check $(SOURCES)

check-types: $(VENV)/.dev
	@$(BIN)/mypy $(SOURCES)

check-imports: $(VENV)/.dev
	@said=$$($(BIN)/lint-imports --no-logo --no-cache 2>&1) || { echo "$$said"; exit 1; }; echo "$$said" | tail -n 1

check-docs: $(VENV)/.dev
	@$(BIN)/python tools/links.py
	@$(BIN)/python tools/rows.py --check

check-files: $(VENV)/.dev
	@$(BIN)/hadolint Dockerfile
	@$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml

check-audit: $(VENV)/.dev
	@$(BIN)/python tools/audit.py requirements/server.lock requirements/dev.lock requirements/bootstrap.lock
