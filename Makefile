# einthoven: `make demo` shows it at work, `make test` proves it, `make check` is what CI runs.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin

.PHONY: help demo test check format tables clean

help:  ## list these targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit("einthoven needs Python 3.11 or later, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	@touch $@ $(VENV)/.run

demo: $(VENV)/.run  ## a simulated ECG, read, analysed and reported in demo/
	$(BIN)/einthoven demo -o demo

test: $(VENV)/.dev  ## all tests; those on real recordings need EINTHOVEN_DATA
	$(BIN)/pytest -n auto

check: $(VENV)/.dev  ## lint, format, types and all tests, as CI runs them
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto

format: $(VENV)/.dev  ## mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

tables: $(VENV)/.run  ## write the tables in README and docs from results/*.json
	$(BIN)/python -m einthoven.evaluation.tables

clean:  ## remove what the targets above made
	rm -rf $(VENV) demo build dist
