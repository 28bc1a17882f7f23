# One command each; everything else is in python app.py --help.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: run setup test check bench package playground docs lock

run: .venv/.ready ## the demo: simulated AWS, the bot and a chat page
	$(BIN)/python app.py --demo

setup: .venv/.ready ## the environment only

.venv/.ready: requirements.lock
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	touch $@
