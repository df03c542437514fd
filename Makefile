# Everything a checkout needs, from Python 3.11 or newer, make and a package index.
#
# The environment is `.venv`, built once from the locked, hashed requirements of the lane
# (Python 3.11, or 3.12 and newer); a second call installs nothing.

PYTHON ?= python3
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin
WORKERS ?= 2
PYTEST_ARGS ?=

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# "311" for Python 3.11; empty where PYTHON does not run at all.
VERSION := $(shell $(PYTHON) -c 'import sys; print("%d%02d" % sys.version_info[:2])' 2>/dev/null)
LANE := $(if $(filter 311,$(VERSION)),py311,py312)
LOCK := requirements/$(LANE).txt
LOCKED := $(ENVIRONMENT)/.locked-$(LANE)
INSTALLED := $(ENVIRONMENT)/.installed-$(LANE)

# Compiled programs are kept in the checkout: the second run of tests or demo starts faster.
export JAX_COMPILATION_CACHE_DIR := $(CURDIR)/.jax_cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Two test workers share the cores: one XLA thread each. Tests run each program a few times only,
# so they take the settings with which XLA compiles in half the time and runs loops slower.
FOR_TESTS := XLA_FLAGS="--xla_cpu_multi_thread_eigen=false --xla_cpu_use_fusion_emitters=false \
  --xla_backend_optimization_level=1 $${XLA_FLAGS:-}"

.PHONY: help
help: ## Show this list.
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' \
	  | while IFS=$$'\t' read -r name text; do printf 'make %-12s %s\n' "$$name" "$$text"; done
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter; PYTEST_ARGS="-k barrier" is passed to pytest.'

.PHONY: python-is-new-enough
python-is-new-enough:
	@if [ -z "$(VERSION)" ]; then \
	  echo "Unable to run '$(PYTHON)'. Expected a Python 3.11 or newer; name one with" \
	       "'make PYTHON=/path/to/python3.12'." >&2; exit 1; fi
	@if [ "$(VERSION)" -lt 311 ]; then \
	  echo "Unsupported Python: '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Expected Python 3.11 or" \
	       "newer; name one with 'make PYTHON=/path/to/python3.12'." >&2; exit 1; fi

.PHONY: install
install: $(INSTALLED) ## Build .venv from the lock and install the project, editable.

$(LOCKED): $(LOCK) | python-is-new-enough
	@running=$$($(BIN)/python -c 'import sys; print("%d%02d" % sys.version_info[:2])' 2>/dev/null || true); \
	if [ "$$running" != "$(VERSION)" ]; then \
	  echo "Making $(ENVIRONMENT) with $$($(PYTHON) -V)"; $(PYTHON) -m venv --clear $(ENVIRONMENT); fi
	@echo "Installing the packages of $(LOCK); the first time this takes minutes"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement $(LOCK)
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml
	@echo "Installing skinmech itself, editable"
	@$(BIN)/python -m pip install --quiet --no-build-isolation --no-deps --editable .
	@touch $@

.PHONY: demo
demo: $(INSTALLED) ## Run the worked example from chip data to prediction and report.
	@$(BIN)/python -m skinmech_app.demo

.PHONY: test
test: $(INSTALLED) ## Run the tests, two workers side by side.
	@SKINMECH_MUTATIONS=all $(FOR_TESTS) $(BIN)/python -m pytest -n $(WORKERS) $(PYTEST_ARGS)

.PHONY: bench
bench: $(INSTALLED) ## Run the benchmarks.
	@$(BIN)/python -m benchmarks.run

.PHONY: lint
lint: $(INSTALLED) ## Check style, formatting, types and the direction of imports.
	@failed=; \
	for check in "ruff check" "ruff format --check --output-format concise" lint-imports pyright; do \
	  echo "-- $$check"; $(BIN)/$$check || failed="$$failed [$$check]"; done; \
	if [ -n "$$failed" ]; then echo "make lint failed:$$failed" >&2; exit 1; fi

.PHONY: format
format: $(INSTALLED) ## Mend style and formatting where that can be done automatically.
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

.PHONY: check-wheel
check-wheel: $(INSTALLED) ## Build sdist and wheel, install the wheel alone, and call its command.
	@bash requirements/check-wheel.sh $(BIN)/python $(LOCK)

.PHONY: lock
lock: ## Write both locks anew (needs python3.11 and python3.12; UPGRADE=1 takes newer versions).
	@bash requirements/lock.sh python3.11 py311
	@bash requirements/lock.sh python3.12 py312

.PHONY: clean
clean: ## Remove what the tools wrote: caches, builds, the environment.
	@rm -rf $(ENVIRONMENT) .jax_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis \
	  .benchmarks build dist demo_output
	@find src chip_adapters calibration benchmarks tests examples -name __pycache__ -prune \
	  -exec rm -rf {} + 2>/dev/null || true
