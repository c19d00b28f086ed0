# Two commands set everything up: `make tour` and `make test`.
PYTHON ?= python3
OUT ?= tour-report
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: tour test test-slow check bench clean

tour: $(VENV)/.installed
	$(BIN)/tripartite tour --out $(OUT)

test: $(VENV)/.installed-test
	$(BIN)/python -m pytest

test-slow: $(VENV)/.installed-test
	$(BIN)/python -m pytest -m slow

check: $(VENV)/.installed-check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

bench: $(VENV)/.installed-test
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(OUT)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "tripartite needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing tripartite into $(VENV) (a minute or two the first time) ..."
	$(PIP) --editable .
	@touch $@

$(VENV)/.installed-test: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing tripartite with its test tools into $(VENV) ..."
	$(PIP) --editable ".[test,torch]"
	@touch $@ $(VENV)/.installed

# Types are checked with torch present, so the checks need what the tests need.
$(VENV)/.installed-check: $(VENV)/.installed-test
	$(PIP) --editable ".[check]"
	@touch $@
