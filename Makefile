# Everything a newcomer types. `make` alone lists the targets.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help install run team env test soak train evaluate docs format clean

help: ## this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/installed ## .venv with the pinned requirements and the newswatch command

.venv/installed: requirements/base.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements/base.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

run: install ## one pass over config/feeds.yml and the demonstration feeds
	$(BIN)/newswatch run --demo

.venv/teamed: .venv/installed requirements/team.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements/team.txt
	touch $@

team: .venv/teamed ## the whole team on this machine: Airflow, PostgreSQL, Elasticsearch, a page of mails; DEMO=0 without demonstration
	bash tests/servers/prepare.sh
	@exec $(BIN)/python -m team $(if $(filter 0,$(DEMO)),--no-demo) $(TEAM)

env: ## .env for docker-compose.yml, from .env.example, with random secrets; never changes one that is there
	@$(PYTHON) docker/make_env.py

.venv/tested: .venv/installed requirements/dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements/dev.txt
	touch $@

test: .venv/tested ## everything: style, types, tests on real servers
	bash tests/servers/prepare.sh
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -m "not soak"

soak: .venv/tested ## long proofs: crashes at random moments, big inputs
	bash tests/servers/prepare.sh
	$(BIN)/pytest -m soak

train: .venv/tested ## make the models again from NEWSWATCH_DATA (default ../shared/data)
	$(BIN)/python -m training.sources
	$(BIN)/python -m training.ner
	$(BIN)/python -m training.topics

evaluate: .venv/tested ## print the scores of the models that ship, each beside its goal (docs/quality.md)
	$(BIN)/python -m training.evaluate

docs: .venv/tested ## write docs/settings.md and the pictures again (needs chromium)
	$(BIN)/python docs/make_settings.py
	$(BIN)/python docs/pictures/make.py

format: .venv/tested ## put the code into shape
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove .venv and caches, not var/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis *.egg-info
