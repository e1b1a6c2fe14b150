# Needs python3 (3.11 or newer) with venv and pip, and make. Each target first makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WHEEL_VENV := .venv-wheel
# How build tools feel about their own workings concerns nobody who only wants to run this.
pip = PYTHONWARNINGS=ignore $(1)/bin/python -m pip --disable-pip-version-check install --quiet
SPREAD := --numprocesses=auto --dist=loadfile --quiet
# The image has its own dependencies; schemathesis judges what is served, with any that work.
NOT_OF_THE_WHEEL := packaging image schemathesis
CLIENTS := .clients/lago-python-newest .clients/lago-python-0.53.0

.DEFAULT_GOAL := help
.PHONY: help run test check lint types layers coverage wheel clients fix docs picture lock clean
.PHONY: bench bench-calls bench-scale bench-plugin bench-sockets soak

help: ## Show the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

run: $(VENV)/.run-ready ## Serve on http://127.0.0.1:3000
	$(BIN)/lago-mockserver serve

test: $(VENV)/.ready ## Pass the tests
	$(BIN)/python -Im pytest

check: lint types layers coverage wheel ## Do all that CI does
	@echo "All checks passed."

lint: $(VENV)/.ready ## Check style, Dockerfile and workflows, and that the README's tables are up to date
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python tools/readme_tables.py --check
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml

types: $(VENV)/.ready ## Check types
	$(BIN)/mypy

layers: $(VENV)/.ready ## Check that imports point down the layers
	$(BIN)/lint-imports

coverage: $(VENV)/.ready clients ## Pass the tests, and show the lines that none runs
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

wheel: $(VENV)/.ready clients ## Build sdist and wheel; pass the tests with the wheel and the oldest dependencies
	rm -rf build dist $(WHEEL_VENV)
	$(BIN)/python -m build --outdir dist
	$(PYTHON) -m venv $(WHEEL_VENV)
	$(call pip,$(WHEEL_VENV)) 'pip>=25.1'
	$(call pip,$(WHEEL_VENV)) --group test --constraint tests/floors.txt dist/*.whl
	$(WHEEL_VENV)/bin/python -Im pytest $(SPREAD) $(NOT_OF_THE_WHEEL:%=--ignore=tests/test_%.py)

clients: $(CLIENTS:%=%/.ready) ## Install the official Lago clients that tests drive

bench: bench-calls bench-scale bench-plugin bench-sockets ## Measure all that the README tells of speed (half an hour)

bench-calls: $(VENV)/.ready ## Measure what a request costs without a socket
	$(BIN)/python benchmarks/in_process.py

bench-scale: $(VENV)/.ready ## Measure what a million customers cost
	$(BIN)/python benchmarks/scale.py

bench-plugin: $(VENV)/.ready ## Measure what the pytest plugin costs, beside pytest-httpserver
	$(call pip,$(VENV)) --group bench
	$(BIN)/python benchmarks/fixture.py
	$(BIN)/python -m pip --quiet uninstall --yes pytest-httpserver

bench-sockets: $(VENV)/.ready ## Measure the server beside other mocks; needs wrk, npm and Java
	$(BIN)/python benchmarks/sockets.py

soak: $(VENV)/.ready ## Watch memory, open files and p99 under hours of traffic in minutes; needs wrk
	$(BIN)/python benchmarks/soak.py

fix: $(VENV)/.ready ## Mend what can be mended by itself
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/python tools/readme_tables.py

docs: $(VENV)/.ready ## Write the README's tables anew
	$(BIN)/python tools/readme_tables.py

picture: $(VENV)/.ready ## Take the README's picture of the page anew; needs Chromium
	$(BIN)/python tools/page_picture.py

lock: $(VENV)/.ready ## Renew requirements.lock, which says exactly what the image installs
	$(call pip,$(VENV)) 'uv~=0.13.9'
	$(BIN)/uv pip compile pyproject.toml --upgrade --universal --python-version 3.13 \
		--generate-hashes --no-annotate --custom-compile-command 'make lock' --quiet \
		--output-file requirements.lock

clean: ## Remove what was made
	rm -rf $(VENV) $(WHEEL_VENV) .clients .bench build dist *.egg-info .coverage* .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which with: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run-ready: pyproject.toml | $(VENV)/.made
	$(call pip,$(VENV)) --editable .
	@touch $@

# --group needs pip 25.1.
$(VENV)/.ready: pyproject.toml | $(VENV)/.made
	$(call pip,$(VENV)) 'pip>=25.1'
	$(call pip,$(VENV)) --group dev --editable .
	@touch $@ $(VENV)/.run-ready

# The newest release is named, so that a release elsewhere can't turn this check red.
.clients/lago-python-newest/.ready: RELEASE := 1.55.0
.clients/lago-python-0.53.0/.ready: RELEASE := 0.53.0
.clients/lago-python-%/.ready: Makefile
	$(PYTHON) -m venv $(@D)
	$(call pip,$(@D)) lago-python-client==$(RELEASE)
	@touch $@
