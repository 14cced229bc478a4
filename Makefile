SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

# Each tool has an environment of its own, because their requirements contradict each other. The first one's Python must
# come first on PATH: sam builds with the interpreter it finds there.
VENV := .venv/.installed
SAM := .venv-sam/.installed
CHECKOV := .venv-checkov/.installed
DOCS := .venv-docs/.installed
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/.venv-sam/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0

TEMPLATES := template.yaml infra/monitoring.yaml infra/dashboard.yaml infra/permissions.yaml infra/schedules.yaml infra/reports.yaml infra/observer.yaml infra/rotation.yaml infra/front.yaml infra/replica-primary.yaml infra/replica-standby.yaml
CODE := bench clients cognito_failover_testing demo failoverctl functions layers sandbox scripts tests

# The sandbox runs functions on this machine's own processor, whatever the template's default is.
MACHINE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
SANDBOX_APP := build/aws-sam/app/template.yaml
SANDBOX_OBSERVER := build/aws-sam/observer/template.yaml
SANDBOX_ROTATION := build/aws-sam/rotation/template.yaml
NODE_CLIENT := build/clients/typescript/.built
FRONT_CLIENT := build/clients/front/.installed

# No comments and no addresses: what is locked doesn't depend on where it was looked up.
LOCK := uv pip compile --quiet --upgrade --universal --python-version 3.13 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

##@ Try it
demo: $(VENV) $(SAM) $(SANDBOX_APP) ## Watch a Region die and sign-in move, in a local AWS (about 9 minutes)
	.venv/bin/python -m demo

sandbox: $(VENV) ## Start the local AWS in the foreground; Ctrl-C ends it
	.venv/bin/python -m sandbox serve

##@ Deploy it
build: $(VENV) $(SAM) ## Build functions and layer for AWS
	sam build

deploy: build ## Build, then deploy to your account, asking what only you know
	sam deploy --guided

##@ Change it
test: $(VENV) $(SAM) $(SANDBOX_APP) $(SANDBOX_OBSERVER) $(SANDBOX_ROTATION) $(NODE_CLIENT) $(FRONT_CLIENT) ## Run every test: unit, property, integration and deployed end to end
	$(MAKE) --no-print-directory --jobs 2 test-deployed test-in-process

# Deployed days mostly wait, and have deadlines: they run together with all other tests, at a higher priority.
test-deployed:
	.venv/bin/pytest tests/e2e --numprocesses 3 --dist loadfile --no-loadscope-reorder

test-in-process:
	.venv/bin/pytest --ignore tests/e2e --numprocesses 2 --dist loadfile --no-loadscope-reorder

fuzz: $(VENV) ## Run the property tests with new random examples, ten times as many (up to hours)
	nice -n 10 .venv/bin/pytest tests/interleavings tests/property tests/unit -m hypothesis --hypothesis-profile=fuzz --numprocesses 2 --dist loadfile

weeks: $(VENV) ## Judge random weeks by what DNS answers to clients (COUNT=2000 of them, 10 minutes)
	PYTHONPATH=.:layers/failover nice -n 10 .venv/bin/python -m tests.support.random_weeks $(or $(COUNT),2000) --first $(or $(FIRST),0)

bench: $(VENV) $(SAM) $(SANDBOX_APP) ## Compare with peers in simulated Regions, and measure what running costs (minutes)
	PYTHONPATH=layers/failover .venv/bin/python -m bench

costs: $(VENV) ## Generate the cost table in docs/cost.md and failoverctl's resource counts
	PYTHONPATH=.:layers/failover .venv/bin/python -m bench.costs

lint: $(VENV) $(SAM) $(CHECKOV) ## Check formatting, style, types, imports, plain English and templates
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy $(CODE)
	PYTHONPATH=layers/failover .venv/bin/lint-imports
	.venv/bin/python scripts/check_plain_english.py
	.venv/bin/cfn-lint $(TEMPLATES)
	for template in $(TEMPLATES); do sam validate --lint --template "$$template"; done
	.venv-checkov/bin/checkov --framework cloudformation --skip-download --compact --quiet $(TEMPLATES:%=--file %)

diagram: $(VENV) ## Generate docs/state-machine.md from a walk through every state (12 minutes)
	PYTHONPATH=.:layers/failover .venv/bin/python -m tests.exhaustive.diagram

schema: $(VENV) ## Generate docs/schemas/report.schema.json from the report's classes
	PYTHONPATH=layers/failover .venv/bin/python -m cognito_failover.reports.schema > docs/schemas/report.schema.json

mutants: $(VENV) ## Mutate the code and list the mutants that no test fails on (20 minutes; or MODULES="core/rules controller/round")
	.venv/bin/python -m tests.mutants $(MODULES)

lock: $(VENV) ## Resolve the requirements and lock them with hashes
	$(LOCK) requirements/layer.in --output-file layers/failover/requirements.txt
	$(LOCK) requirements/reporter.in --output-file functions/reporter/requirements.txt
	$(LOCK) pyproject.toml requirements/dev.in --output-file requirements/dev.txt --override requirements/overrides.txt
	$(LOCK) requirements/sam.in --output-file requirements/sam.txt
	$(LOCK) requirements/checkov.in --output-file requirements/checkov.txt
	$(LOCK) requirements/docs.in --output-file requirements/docs.txt

docs: $(DOCS) ## Build the documentation as a site, into build/docs, and check every link and anchor in it
	scripts/docs-pages
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --quiet

sandbox-app: $(SANDBOX_APP) $(SANDBOX_OBSERVER) $(SANDBOX_ROTATION) ## Build functions and layer for this machine, as sandbox and tests deploy them

clean: ## Remove what was built, but not the installed tools
	rm -rf build .aws-sam

help: ## List the targets
	@awk -F ':.*## ' '/^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' \
		$(MAKEFILE_LIST)

.PHONY: demo sandbox build deploy test test-deployed test-in-process fuzz weeks bench costs lint docs diagram schema mutants lock sandbox-app clean help

# sam keeps its own cache, which is what makes a second build quick; this only tells when it is worth asking. Since they
# share it, they build one after another.
$(SANDBOX_APP): $(VENV) $(SAM) template.yaml $(wildcard infra/*.yaml) $(shell find functions layers -type f -not -path '*/__pycache__/*')
	sam build --parameter-overrides Architecture=$(MACHINE) --build-dir $(@D) --cache-dir build/aws-sam/cache
	touch $@

$(SANDBOX_OBSERVER): $(VENV) $(SAM) infra/observer.yaml $(shell find functions layers -type f -not -path '*/__pycache__/*') | $(SANDBOX_APP)
	sam build --template infra/observer.yaml --parameter-overrides Architecture=$(MACHINE) --build-dir $(@D) --cache-dir build/aws-sam/cache
	touch $@

$(SANDBOX_ROTATION): $(VENV) $(SAM) infra/rotation.yaml $(shell find functions layers -type f -not -path '*/__pycache__/*') | $(SANDBOX_OBSERVER)
	sam build --template infra/rotation.yaml --parameter-overrides Architecture=$(MACHINE) --build-dir $(@D) --cache-dir build/aws-sam/cache
	touch $@

# Its types are checked on the way. Without npm its tests are skipped, and say so.
$(NODE_CLIENT): $(wildcard clients/typescript/* tests/clients/typescript/*)
	mkdir -p $(@D)
	cp $^ $(@D)
	if command -v npm >/dev/null; then \
	  cd $(@D) && npm install --no-package-lock --no-audit --no-fund --loglevel error && npm run build --silent && touch $(@F); \
	fi

$(FRONT_CLIENT): tests/clients/front/package.json tests/clients/front/sign_in.cjs
	mkdir -p $(@D)
	cp $^ $(@D)
	if command -v npm >/dev/null; then \
	  cd $(@D) && npm install --no-package-lock --no-audit --no-fund --loglevel error && touch $(@F); \
	fi

$(VENV): requirements/dev.txt
$(SAM): requirements/sam.txt
$(CHECKOV): requirements/checkov.txt
$(DOCS): requirements/docs.txt

%/.installed:
	test -x $*/bin/python || "$$(scripts/find-python)" -m venv $*
	$*/bin/python -m pip install --quiet --no-deps --require-hashes --requirement $<
	touch $@
