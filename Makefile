# Everything runs in .venv, which the targets below make and keep; nothing has to be installed by hand but Python itself.
PYTHON ?= python3
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --constraint constraints.txt
PACKAGES := kumite assets arenas agents league eval
# A process a core; the tests of a file stay together, since they share what they set up.
PARALLEL := --numprocesses auto --dist loadfile
# Of `make oracle`: where npm put pokemon-showdown, and what is played.
MODULES ?= $(CURDIR)/node_modules
BATTLES ?= 100
SEED ?= $(shell date +%s)
INSTALL_INPUTS := pyproject.toml setup.py constraints.txt

.PHONY: help install demo test test-all bench oracle lint format clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: .venv/.installed ## make .venv and install the project into it
	@echo "installed: run $(BIN)/kumite --help"

demo: .venv/.installed ## train a small league on fight, rate it, attack it and write its report (minutes)
	$(BIN)/kumite demo --out runs/demo
	@echo "report: $(CURDIR)/runs/demo/report.html"

test: .venv/.test ## run the fast test suite
	$(BIN)/python -m pytest -m "not slow" $(PARALLEL)

test-all: .venv/.test ## run every test, the slow ones too
	$(BIN)/python -m pytest $(PARALLEL)

bench: .venv/.installed ## print the fight arena's benchmark figures, with machine facts
	$(BIN)/kumite bench fight

oracle: .venv/.test ## play fresh battles in Showdown and compare the rules with them (needs node: tests/oracle/README.md)
	$(BIN)/python tests/battle_fuzz.py --battles $(BATTLES) --seed $(SEED) --modules $(MODULES)

lint: .venv/.test ## check formatting, lint rules, types and layers; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --level warning
	$(BIN)/python -m pytest --quiet tests/test_layers.py

format: .venv/.test ## rewrite the sources in the project's format, with ruff's safe fixes
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove .venv, runs/ and all that tools leave behind
	rm -rf .venv runs build dist *.egg-info .pytest_cache .ruff_cache .hypothesis
	find $(PACKAGES) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# torch goes first and at its pinned version: left to the resolver, a newer build with gigabytes of CUDA may come instead.
.venv/.installed: $(INSTALL_INPUTS)
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit(f"kumite needs Python 3.11 or newer; $(PYTHON) is {v[0]}.{v[1]}: make PYTHON=python3.11 $(MAKECMDGOALS)")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) torch
	$(PIP) --editable .
	@touch $@

.venv/.test: .venv/.installed
	$(PIP) --editable ".[test]"
	@touch $@
