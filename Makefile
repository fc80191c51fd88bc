# Reelgraph on one machine. `make` lists what there is; CONTRIBUTING.md says when to use it.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHONS := >=3.11,<3.13
FUNCTION := functions/image_uploaded
PARALLEL ?= 2

# A uv that works: a version manager may have one on the path that does not.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo .tools/bin/uv)
# Each project has its own environment, wherever the caller's shell stands.
# With --compile-bytecode, so that no process ever compiles its libraries: a stack is a dozen of them.
UV_SYNC := env -u UV_PROJECT_ENVIRONMENT -u VIRTUAL_ENV
HAS_CANVAS := $(wildcard frontend/package.json)
CANVAS_SOURCES := $(if $(HAS_CANVAS),$(shell find frontend/src frontend/public frontend/*.ts frontend/*.mjs -type f 2>/dev/null))

# An environment that does not run (its Python was upgraded or removed) counts as not installed.
$(shell .venv/bin/python -c '' 2>/dev/null || rm -f .venv/.installed)
$(shell $(FUNCTION)/.venv/bin/python -c '' 2>/dev/null || rm -f $(FUNCTION)/.venv/.installed)

##@ Use it

.PHONY: run
run: install ## Start everything and print one URL; Ctrl-C stops it. REAL=1: with your Google project's bucket and Vertex AI
	@.venv/bin/python -m infra.local.supervisor $(if $(REAL),--real)

.PHONY: dev
dev: install-backend install-canvas ## The same with hot reload of backend and canvas
	@.venv/bin/python -m infra.local.supervisor --dev $(if $(REAL),--real)

.PHONY: demo
demo: install ## From a face photo to one 22 s video in out/, through the API; uses the running stack or starts one
	@.venv/bin/python -m infra.local.demo

.PHONY: doctor
doctor: install-backend ## Say what is wrong here, or with PROJECT= REGION= in a deployment, and the mend; DO=sweep|reproject|reindex-faces
	@.venv/bin/python -m infra.doctor $(if $(PROJECT),$(PLACE)) $(if $(DO),--do $(DO))

##@ On Google Cloud

NAME_PROJECT = @test -n "$(PROJECT)" || { echo 'Name the project: make $@ PROJECT=my-project REGION=us-central1'; exit 1; }
PLACE = --project "$(PROJECT)" $(if $(REGION),--region $(REGION)) $(if $(QDRANT_HOST),--qdrant-host $(QDRANT_HOST))

.PHONY: deploy
deploy: install-backend ## From an empty project to a working studio, or what is missing: PROJECT=my-project REGION=us-central1
	$(NAME_PROJECT)
	@.venv/bin/python -m infra.gcp deploy $(PLACE)

.PHONY: destroy
destroy: install-backend ## Take it away: PROJECT=my-project REGION=...; films and database only with DATA=delete
	$(NAME_PROJECT)
	@.venv/bin/python -m infra.gcp destroy $(PLACE) $(if $(DATA),--data $(DATA)) $(if $(CONFIRM),--confirm $(CONFIRM))

.PHONY: cost
cost: install-backend ## Print what a deployment costs a month, and write docs/cost.md
	@.venv/bin/python -m infra.cost

##@ Check it

.PHONY: test
test: install lint types test-backend test-function $(if $(HAS_CANVAS),test-canvas test-browser) ## All checks and tests
	@echo "All checks and tests passed."

.PHONY: lint
lint: install-backend $(if $(HAS_CANVAS),install-canvas) ## Style, formatting and the import rules
	@.venv/bin/ruff check . || { echo "Style: make format mends what can be mended by itself."; exit 1; }
	@.venv/bin/ruff format --check . || { echo "Formatting: make format"; exit 1; }
	@.venv/bin/lint-imports
	$(if $(HAS_CANVAS),@cd frontend && npm run --silent lint)

.PHONY: types
types: install-backend install-function $(if $(HAS_CANVAS),install-canvas) ## Types of the backend, the function and the canvas
	@.venv/bin/mypy
	@cd $(FUNCTION) && .venv/bin/mypy
	$(if $(HAS_CANVAS),@cd frontend && npm run --silent types)

.PHONY: test-backend
test-backend: install ## Tests of the backend, the stand-ins and the whole stack; T=PATH for some, PARALLEL=2 at once
	@.venv/bin/python -m pytest -n $(PARALLEL) --dist loadscope $(or $(T),tests)

.PHONY: test-function
test-function: install-function ## Tests of the function with its own environment
	@$(FUNCTION)/.venv/bin/python -m pytest tests/functions/image_uploaded

.PHONY: test-canvas
test-canvas: install-canvas ## Unit tests of the canvas
	@cd frontend && npm test --silent

.PHONY: test-browser
test-browser: install ## People's journeys through the studio in Chromium, on a stack of their own; T=FILE for some
	@.venv/bin/python -m infra.local.with_stack -- npm --prefix frontend run --silent e2e -- $(T)
	@.venv/bin/python -m infra.local.with_stack --live ws -- npm --prefix frontend run --silent e2e -- --grep @live

.PHONY: bench-canvas
bench-canvas: install ## Frames a second of the canvas at 100 to 50,000 nodes, beside plain React Flow; SIZES=100,1000 for some
	@npm --prefix frontend run --silent bench -- $(if $(SIZES),--sizes=$(SIZES))

.PHONY: cold-start
cold-start: install ## How long each service takes to start, from what its image holds
	@.venv/bin/python -m infra.images.cold_start

.PHONY: screenshots
screenshots: install ## Take the README's pictures anew, from a film that is made for them on a stack of its own
	@.venv/bin/python -m infra.local.with_stack -- npm --prefix frontend run --silent screenshots

##@ Change it

.PHONY: format
format: install-backend $(if $(HAS_CANVAS),install-canvas) ## Format everything, and mend what the linters can mend
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .
	$(if $(HAS_CANVAS),@cd frontend && npm run --silent format)

.PHONY: migration
migration: install-backend ## Write a migration from the difference between the tables and the migrations: m="what changes"
	@test -n "$(m)" || { echo 'Say what changes: make migration m="add a column to nodes"'; exit 1; }
	@.venv/bin/python -m infra.local.supervisor.migrations revision "$(m)"

.PHONY: migrate
migrate: install-backend ## Bring the local database to the newest migration (make run does so, too)
	@.venv/bin/python -m infra.local.supervisor.migrations upgrade

.PHONY: schemas
schemas: install-backend $(if $(HAS_CANVAS),install-canvas) ## Write schemas/, and the canvas' API types, from the Python types
	@.venv/bin/python -m services.tools.export_schemas
	$(if $(HAS_CANVAS),@cd frontend && npm run --silent api)

##@ Install and clean

.PHONY: install
install: install-backend install-function $(if $(HAS_CANVAS),frontend/out/.built) ## Everything that the rest needs; costs nothing when nothing changed

.PHONY: install-backend install-function install-canvas
install-backend: .venv/.installed
install-function: $(FUNCTION)/.venv/.installed
install-canvas: $(if $(HAS_CANVAS),frontend/node_modules/.installed)

.venv/.installed: pyproject.toml uv.lock | $(filter .tools/%,$(UV))
	@$(UV) python find '$(PYTHONS)' >/dev/null 2>&1 || echo "There is no Python 3.11 or 3.12 here; uv tries to download one."
	@$(UV_SYNC) $(UV) sync --locked --compile-bytecode || { echo "The backend's environment could not be installed; the lines above say why."; exit 1; }
	@touch $@

$(FUNCTION)/.venv/.installed: $(FUNCTION)/pyproject.toml $(FUNCTION)/uv.lock | $(filter .tools/%,$(UV))
	@uv=$$(command -v $(UV)); case $$uv in /*) ;; *) uv=$$PWD/$$uv ;; esac; cd $(FUNCTION) && $(UV_SYNC) "$$uv" sync --locked --compile-bytecode \
		|| { echo "The function's environment could not be installed; the lines above say why."; exit 1; }
	@touch $@

.tools/bin/uv:
	@command -v python3 >/dev/null || { echo "Python 3.11 or 3.12 is missing. Debian: apt-get install python3 python3-venv"; exit 1; }
	@python3 -m venv .tools || { echo "python3 cannot make environments. Debian: apt-get install python3-venv"; exit 1; }
	@.tools/bin/python -m pip install --quiet uv

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing: the canvas needs Node 20 or newer. Debian: apt-get install nodejs npm"; exit 1; }
	@cd frontend && npm ci --no-audit --no-fund
	@touch $@

frontend/out/.built: frontend/node_modules/.installed $(CANVAS_SOURCES)
	@cd frontend && npm run --silent build
	@touch $@

.PHONY: clean
clean: ## Remove what was built and cached; environments and data stay
	rm -rf out frontend/out frontend/.next .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -not -path '*/.venv/*' -not -path '*/node_modules/*' -prune -exec rm -rf {} +

.PHONY: clean-state
clean-state: install-backend ## Delete all data of the local stack, and start over
	@.venv/bin/python -m infra.local.supervisor --forget

.PHONY: clean-all
clean-all: clean ## Remove the environments as well; data stays
	rm -rf .venv .tools $(FUNCTION)/.venv frontend/node_modules

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile
