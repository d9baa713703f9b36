# Every target does the set-up it needs; `make help` lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The tests start hundreds of processes; without kept bytecode each compiles a thousand files anew.
unexport PYTHONDONTWRITEBYTECODE

# The installed Python that .venv is made with: python3 if it is one of ours, else the newest that is.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c $(supported) 2>/dev/null && { echo $$p; break; }; done)
supported := 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable
# One version of each package for every Python (fewest), so that results do not depend on it.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock"

.PHONY: help setup test check format demo bench docs lock clean browser

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## make .venv and install the locked requirements (again only when they change)

$(INSTALLED): pyproject.toml requirements/build.txt requirements/dev.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 && $(BIN)/python -c $(supported) || { \
		$(PYTHON) -c $(supported) 2>/dev/null || { \
			echo "Watchkeeper needs Python 3.11, 3.12 or 3.13, and found none at '$(or $(PYTHON),python3)'." >&2; \
			echo "Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2; exit 1; }; \
		rm -rf $(VENV) && $(PYTHON) -m venv $(VENV); }
	@echo "Setting up $(VENV) from the locked requirements (a minute or two the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --require-hashes -r requirements/dev.txt
	@VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
	@echo "Ready: $$($(BIN)/python --version) in $(VENV); try $(BIN)/watchkeeper --help"

# A third worker for two processors works while others wait for a server; modules stay together.
# One thread of linear algebra each: several wait for one another, at the cost of the processor.
test: setup browser  ## run every test, slow ones included
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest -n 3 --dist worksteal

check: setup  ## lint, format, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup  ## write what `make check` wants formatted
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

demo: setup  ## a model's year, watched: trains, streams, reports
	$(BIN)/python demo/run.py

bench: setup  ## list the benchmarks, or run one: make bench RUN=name
ifdef RUN
	$(BIN)/python benchmarks/$(RUN).py $(ARGS)
else
	@echo "Run one with: make bench RUN=name"
	@for f in benchmarks/[a-z]*.py; do \
		printf '  %-24s %s\n' "$$(basename $$f .py)" "$$(sed -n '1s/^"""//; 1s/"""$$//; 1p' $$f)"; done
endif

docs: setup  ## check that docs and code agree, every link included
	$(BIN)/pytest -q tests/test_docs.py

lock: setup  ## resolve the requirements anew, newest versions first
	$(COMPILE) --upgrade requirements/build.in -o requirements/build.txt
	$(COMPILE) --upgrade --all-extras --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) -c requirements/dev.txt pyproject.toml -o requirements/runtime.txt
	$(COMPILE) -c requirements/dev.txt --extra server pyproject.toml -o requirements/server.txt
	$(COMPILE) -c requirements/dev.txt --extra llm pyproject.toml -o requirements/llm.txt
	$(COMPILE) -c requirements/dev.txt --extra demo pyproject.toml -o requirements/demo.txt
	$(COMPILE) -c requirements/dev.txt --extra quality pyproject.toml -o requirements/quality.txt

clean:  ## remove caches and build results (not .venv)
	rm -rf dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .demo
	find src tests benchmarks demo -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The report's tests look at it in a real browser.
browser:
	@for b in $(BROWSERS); do command -v $$b >/dev/null && exit 0; done; \
	echo "No Chromium found; installing Debian's."; \
	command -v apt-get >/dev/null || { echo "Please install Chromium: the report's tests need it." >&2; exit 1; }; \
	as_root=; [ "$$(id -u)" = 0 ] || as_root=sudo; \
	[ -z "$$as_root" ] || command -v sudo >/dev/null || \
		{ echo "Please install Chromium as root: apt-get install chromium" >&2; exit 1; }; \
	$$as_root apt-get update -qq && \
	$$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null || \
		{ echo "Please install Chromium: apt-get could not, see above." >&2; exit 1; }
