# One command each; `make help` lists them. Everything else is in `.venv/bin/python app.py --help`.
SHELL := /bin/bash
BIN := .venv/bin
NODE_BIN := tests/node/node_modules/.bin
FAST := not browser and not demo and not postgres

# The first Python that is new enough and can make an environment (Debian ships that part as python3-venv).
ASK_PYTHON := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	$$python -c "$(ASK_PYTHON)" >/dev/null 2>&1 && echo $$python && break; done)

.PHONY: help run env setup check test static bench package playground docs lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: .venv/.ready api/page/node_modules/.ready ## the demo: simulated AWS, the bot and a chat page
	$(BIN)/python app.py --demo

env: .venv/.ready ## Python only: enough to serve Teams

setup: .venv/.ready api/page/node_modules/.ready tests/node/node_modules/.ready ## the environment only

static: setup ## ruff, pyright and import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(NODE_BIN)/pyright
	$(BIN)/lint-imports

check: static ## before a commit: static, and the tests that need no browser, demo or Postgres
	$(BIN)/python -m pytest -q -m "$(FAST)"

test: static ## everything CI runs
	$(BIN)/python -m pytest

bench: .venv/.ready ## the measurements: a table, and bench.json
	$(BIN)/python -m tests.bench

package: .venv/.ready ## the Teams app package, from OPS_TEAMS__* settings
	$(BIN)/python app.py package

playground: setup ## Microsoft's Agents Playground against the bot on port 3978
	tests/playground/run

docs: .venv/.ready ## write the pages that are derived from the code
	$(BIN)/python -m docs.generate

lock: .venv/.ready ## resolve the dependencies anew
	$(BIN)/uv pip compile pyproject.toml --all-extras --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links -o requirements.lock --quiet

clean: ## remove what was installed and cached; var/, which holds the data, stays
	rm -rf .venv api/page/node_modules tests/node/node_modules .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	touch $@

# --ignore-scripts: nothing that comes from npm runs while it is installed.
%/node_modules/.ready: %/package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "node and npm are needed (Debian: apt-get install nodejs npm)." >&2; exit 1; }
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@
