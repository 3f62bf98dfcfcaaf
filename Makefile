# Needs make and Python 3.11 or newer, nothing else: .venv is made from requirements.txt on first use.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

PYTHON ?= python3
UV ?= uv
LANGS ?= vi en
# Processes that make reports at the same time; empty: `kpi report` decides.
WORKERS ?=
# Processes that run tests at the same time; each takes whole files, so that what the tests of a
# file share (a notebook that was run, scores) is made once.
TEST_WORKERS ?= 2
# More for pytest or JupyterLab: make test-all ARGS="tests/test_demo.py -v", make lab ARGS=--no-browser
ARGS ?=

# Another one beside it, for another Python: make venv VENV=.venv-other PYTHON=python3.13
VENV := .venv
BIN := $(VENV)/bin
# Named after what it was made from, so that a change of either file makes the environment again.
READY := $(VENV)/ready-$(shell cat requirements.txt pyproject.toml | cksum | tr ' ' '-')
DOCS_READY := $(VENV)/docs-$(shell cksum < requirements-docs.txt | tr ' ' '-')
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --retries 10 --timeout 60

# The kernels of .venv come before any that the user has installed elsewhere.
export JUPYTER_PREFER_ENV_PATH := 1

LIBRARY := $(shell find kpi_lib -name '*.py' -o -name '*.yaml' -o -name '*.po' | sort)
PREPARED := data/processed/u4ssc/observations.csv data/processed/dti/observations.csv \
	data/processed/pci/observations-2013.csv data/processed/demo/observations-demo.csv
# framework, a colon, its data; after another colon, the languages where they are not all
REPORTS := \
	u4ssc@2017:data/processed/u4ssc/observations.csv \
	dti@2020:data/processed/dti/observations.csv \
	pci@2013:data/processed/pci/observations-2013.csv:$(firstword $(LANGS)) \
	vn-smart-city@1.0:data/processed/demo/observations-demo.csv

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

# The index is made twice: what is made in between leads to it, and it to that.
# Nobody has a composite score there, and an audit is of what makes one.
UNAUDITED := u4ssc@2017
# What a revision did to the scores, for the set of the newer version.
REVIEWED := pci@2013
REVIEW := pci@2009 pci@2013 data/processed/pci --period-old 2012 --period-new 2013

.PHONY: reports
reports: data ## make notebooks and pages of all cities, audits, a review and indexes, in reports/
	@begun=$$(date +%s); failed=0; \
	for set in $(REPORTS); do \
		rest=$${set#*:}; data=$${rest%%:*}; langs=$${rest#"$$data"}; langs=$${langs#:}; \
		report() { \
			$(BIN)/kpi report "$$data" --framework "$${set%%:*}" -o reports \
				$$(printf -- '--lang %s ' $${langs:-$(LANGS)}) \
				$(if $(WORKERS),--workers $(WORKERS)); \
		}; \
		report || failed=$$?; \
		test "$${set%%:*}" != $(UNAUDITED) || continue; \
		for lang in $${langs:-$(LANGS)}; do \
			$(BIN)/kpi audit "$$data" --framework "$${set%%:*}" -o reports --lang $$lang > /dev/null \
				|| failed=$$?; \
			test "$${set%%:*}" != $(REVIEWED) || $(BIN)/kpi framework review $(REVIEW) \
				-o reports --lang $$lang > /dev/null || failed=$$?; \
		done; \
		report > /dev/null 2>&1 || failed=$$?; \
	done; \
	echo; echo "Reports made in $$(( $$(date +%s) - begun )) s. Open one of these in a browser:"; \
	find reports -name index.html | sort | sed 's/^/  /'; \
	exit $$failed

# What takes long because it starts real processes again and again is marked `system` in tests/;
# properties are tried on fewer examples here (see tests/conftest.py).
.PHONY: test
test: data ## run the tests, but for the long ones
	$(call run_tests,-m "not system" --hypothesis-profile quick)

.PHONY: test-all
test-all: data ## run all tests
	$(call run_tests)

# $(1) selects among the tests.
define run_tests
@begun=$$(date +%s); \
$(BIN)/python -m pytest -n $(TEST_WORKERS) --dist loadfile $(1) $(ARGS); result=$$?; \
echo "Tests took $$(( $$(date +%s) - begun )) s."; exit $$result
endef

.PHONY: lab
lab: data ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

.PHONY: data
data: $(PREPARED) ## check data/raw/ and write data/processed/

# $(1) is the data set, $(2) the file by which it is known to be prepared.
define prepare
$(2): $(READY) notebooks/prepare_$(1).ipynb $$(wildcard data/raw/$(1)/*) $$(LIBRARY)
	@mkdir -p $$(@D)
	@echo "Preparing $$(@D)"
	@$$(BIN)/papermill --no-progress-bar -k python3 notebooks/prepare_$(1).ipynb \
		$$(@D)/prepare.ipynb > $$(@D)/prepare.log 2>&1 \
		|| { cat $$(@D)/prepare.log >&2; exit 1; }
	@rm $$(@D)/prepare.log
endef
$(foreach file,$(PREPARED),$(eval $(call prepare,$(notdir $(patsubst %/,%,$(dir $(file)))),$(file))))

.PHONY: screenshots
screenshots: data ## take pictures of pages, in screenshots/, to be looked at (needs Chromium)
	$(BIN)/python tools/screenshots.py $(ARGS)

.PHONY: lint
lint: $(READY) ## check style, formatting, types, the direction of imports and the catalogues
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict kpi_lib
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/python tools/catalogues.py check

.PHONY: format
format: $(READY) ## put code and notebooks into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(READY) ## build the documentation, in docs/_build/html, with its tutorials run
	@test -e $(DOCS_READY) || { echo "Installing requirements-docs.txt into $(VENV)"; \
		$(PIP) install -qq --require-hashes -r requirements-docs.txt && touch $(DOCS_READY); }
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html $(ARGS)

.PHONY: wheel
wheel: $(READY) ## build the wheel, in dist/, and try it in an environment of its own
	rm -rf dist
	$(BIN)/python -m hatchling build -t wheel -d dist
	$(BIN)/python tools/try_wheel.py dist/*.whl $(ARGS)

.PHONY: clean
clean: ## remove what was made: data/processed/, reports/, caches (.venv stays)
	find data/processed reports -mindepth 1 ! -name .gitkeep ! -name README.md -delete
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist docs/_build docs/generated
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

LOCK = $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes pyproject.toml
.PHONY: lock
lock: ## write requirements*.txt again from pyproject.toml (needs uv)
	@command -v $(UV) > /dev/null || { echo "make lock needs uv: python3 -m pip install uv" >&2; exit 1; }
	$(LOCK) --extra dev -o requirements.txt
	$(LOCK) --extra all --extra docs -c requirements.txt -o requirements-docs.txt

.PHONY: sbom
sbom: $(READY) ## write a bill of materials (what pip has installed), build/sbom.json
	@mkdir -p build
	$(PIP) inspect --local > build/sbom.json

.PHONY: venv
venv: $(READY) ## make .venv if it is missing or out of date (every other target does so too)

# `installing` marks an environment under work: one that is found with it was interrupted, and is
# made from nothing again, as is one whose Python has gone.
$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || { \
		echo "The workbook needs Python 3.11 or newer; '$(PYTHON)' is:" \
			"$$($(PYTHON) --version 2>&1 || true)" >&2; \
		echo "Name another, for example: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@if [ -e $(VENV)/installing ] || ! $(BIN)/python -c \
			'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null; then \
		rm -rf $(VENV); \
		$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }; \
	fi
	@echo "Installing requirements.txt into $(VENV) (a minute or two, the first time)"
	@rm -f $(VENV)/ready-*
	@touch $(VENV)/installing
	@$(PIP) install -qq --require-hashes -r requirements.txt
	@$(PIP) install -qq --no-build-isolation --no-deps -e .
	@rm $(VENV)/installing
	@touch $@
