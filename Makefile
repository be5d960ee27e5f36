# Guichet: the commands of the house. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

export PORT ?= 8000
PY := .venv/bin/python
STAMPS := .venv/stamps
# npm of the machine, or the one that setup put into .venv/node
NPM = node=$$(scripts/node.sh); export PATH="$$node:$$PATH"; npm --prefix frontend

# The development set holds the runtime set. Whoever has it, or asks for a goal that needs it, gets no other:
# `make run` must not take the test tools away again.
RUNTIME := $(STAMPS)/$(if $(wildcard $(STAMPS)/dev)$(filter-out run setup,$(MAKECMDGOALS)),dev,base)
FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name '*.md' -not -name '*.test.ts' 2>/dev/null)
PO := $(shell find helpdesk tickets chat knowledge -name '*.po' 2>/dev/null)
MO := $(PO:.po=.mo)
# Neither header nor annotations: they would carry the address of a package index
COMPILE := .venv/bin/uv pip compile -q --universal --generate-hashes --no-header --no-annotate --upgrade

##@ Use
.PHONY: run
run: setup ## Install, build, migrate, fill an empty database with the demo company, serve on PORT (8000)
	exec $(PY) scripts/run.py

.PHONY: setup
setup: $(RUNTIME) frontend/dist/.built $(MO) ## What run and test share: .venv, the built frontend, translations

##@ Develop
.PHONY: dev
dev: setup-dev ## As run, with Vite serving the frontend from its sources and the server restarting on a change
	node=$$(scripts/node.sh); PATH="$$node:$$PATH" $(PY) scripts/dev.py

.PHONY: setup-dev
setup-dev: $(STAMPS)/dev setup

.PHONY: test
test: setup-dev ## Install all that tests need, then run every test: Python on both shapes, frontend, browser
	scripts/system.sh
	$(MAKE) test-embedded test-production test-frontend test-browser test-browser-production

.PHONY: test-embedded test-production test-frontend test-browser test-browser-production
test-embedded: setup-dev ; GUICHET_TEST_SHAPE=embedded $(PY) -m pytest -n auto $(ARGS)
test-production: setup-dev ; GUICHET_TEST_SHAPE=production $(PY) -m pytest -n auto $(ARGS)
test-frontend: setup-dev ; $(NPM) test
test-browser: setup-dev ; GUICHET_TEST_SHAPE=embedded $(PY) -m pytest tests/e2e $(ARGS)
test-browser-production: setup-dev ; GUICHET_TEST_SHAPE=production $(PY) -m pytest tests/e2e $(ARGS)

.PHONY: check
check: lint types test ## Lint, types and tests

.PHONY: lint
lint: setup-dev ## ruff, import-linter (the floors), missing migrations, ESLint, Prettier
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(NPM) run lint

.PHONY: types
types: setup-dev ## mypy strict, vue-tsc
	.venv/bin/mypy
	$(NPM) run types

.PHONY: format
format: setup-dev ## Let ruff and Prettier rewrite
	.venv/bin/ruff check --fix-only
	.venv/bin/ruff format
	$(NPM) run format

.PHONY: bench
bench: setup-dev ## The figures of docs/performance.md, measured here
	scripts/system.sh
	$(PY) -m tests.bench $(ARGS)

.PHONY: api
api: setup-dev ## Write docs/openapi.yaml and the frontend's types from the API as it is
	DATABASE_URL= REDIS_URL= $(PY) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml
	DATABASE_URL= REDIS_URL= $(PY) manage.py spectacular --format openapi-json --file frontend/shared/api/schema.json
	DATABASE_URL= REDIS_URL= $(PY) manage.py frames > frontend/shared/live/frames.ts
	$(NPM) run api

.PHONY: lock
lock: $(STAMPS)/dev ## Resolve pyproject.toml anew into the hashed requirement files
	$(COMPILE) pyproject.toml -o requirements/base.txt
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt

.PHONY: clean
clean: ## Remove what setup made (never var/, where the data lives)
	rm -rf .venv frontend/node_modules frontend/dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find helpdesk tickets chat knowledge -name '*.mo' -delete

.PHONY: help
help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

# --- what the commands above stand on; each is redone only when what it is made from has changed ------------------------
$(STAMPS)/base: requirements/base.txt $(STAMPS)/venv
	scripts/sync.sh $<
	touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/venv
	scripts/sync.sh $<
	touch $@

$(STAMPS)/venv: requirements/uv.txt
	scripts/venv.sh
	mkdir -p $(STAMPS)
	touch $@

frontend/node_modules/.installed: frontend/package-lock.json frontend/package.json frontend/.npmrc | $(STAMPS)/venv
	$(NPM) ci --no-audit --no-fund
	touch $@

frontend/dist/.built: frontend/node_modules/.installed $(FRONTEND)
	$(NPM) run build
	touch $@

%.mo: %.po | $(RUNTIME)
	.venv/bin/pybabel -q compile -i $< -o $@
