# Two commands: `make demo` runs the example pipeline on this machine, `make test` all tests.
# Both set themselves up; a machine needs Python 3.11 or newer, make and git.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SECURITY_VENV := .venv-security
SECURITY_READY := $(SECURITY_VENV)/.ready

.PHONY: demo test test-fast bench docs docs-serve pictures hooks matrix release-check release check security \
  security-report format clean lock help

help: ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /make \1\t/' | expand -t 24

demo: $(READY) ## Run the example pipeline in a local cloud, deployed by the CDK CLI
	@$(BIN)/sagemaker-processing local run

test: $(READY) $(SECURITY_READY) ## Run all tests, the local cloud's included, and see what they cover
	@rm -rf .coverage.d && mkdir .coverage.d
	$(BIN)/coverage run -m pytest -n auto --dist loadfile
	@$(BIN)/python -m tools.quality.covered

test-fast: $(READY) ## Run the tests that start no local cloud
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not local_cloud"

bench: $(READY) ## Measure what benchmarks/ says, beside what it is held against, and draw it
	@$(BIN)/python -m benchmarks
	@$(BIN)/python -m benchmarks.plots

docs: $(READY) ## Build the documentation's site into site/, with no warning left
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "Built: site/index.html"

docs-serve: $(READY) ## Serve the documentation's site at 127.0.0.1:8000 while its pages are edited
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs serve --strict --dev-addr 127.0.0.1:8000

pictures: $(READY) ## Make the pictures of README and docs anew, by really running what they show
	@$(BIN)/python -m tools.pictures $(NAMES)

hooks: $(READY) ## Run the quick checks at each commit
	@$(BIN)/pre-commit install

matrix: $(READY) ## Test with the lowest and the newest aws-cdk-lib and Python that are claimed
	@$(BIN)/python -m tools.matrix

release-check: $(READY) ## Build wheel and sdist and run the quickstart from each, in clean environments
	@$(BIN)/python -m tools.release

release: $(READY) ## The same for a version that is to be published: make release VERSION=1.2.3
	@$(BIN)/python -m tools.release $(or $(VERSION),$(error say which: make release VERSION=1.2.3))

check: $(READY) ## Lint, format, types, and the figures of quality (tools/quality/)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	@$(BIN)/python -m tools.quality

security: $(READY) $(SECURITY_READY) ## Have security tools evaluate every stack and construct
	@$(BIN)/python -m security

security-report: $(READY) ## Write docs/about/security.md anew: HIPAA, NIST 800-53 R5 and PCI
	@$(BIN)/python -m security.frameworks

format: $(READY) ## Mend what can be mended by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(READY) ## Write the lock files anew after a change of pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header --extra dev pyproject.toml --output-file requirements/dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes \
	  --no-emit-index-url --no-header requirements/uv.in --output-file requirements/uv.txt

	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-header requirements/security.in --output-file requirements/security.txt

clean: ## Remove what set-up and runs made in this folder
	rm -rf $(VENV) $(SECURITY_VENV) cdk.out dist build site .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage.d

$(READY): requirements/dev.txt requirements/uv.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
	  "Python 3.11 or newer is needed, $(PYTHON) is " + sys.version.split()[0] + ": set PYTHON=...")'
	@echo "Setting up $(VENV) (once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --editable .
	@touch $@

# Tools whose packages do not go with the project's own: an environment of their own.
$(SECURITY_READY): requirements/security.txt | $(READY)
	@echo "Setting up $(SECURITY_VENV) (once)"
	@test -x $(SECURITY_VENV)/bin/python || $(BIN)/python -m venv $(SECURITY_VENV)
	@$(BIN)/uv pip install --quiet --python $(SECURITY_VENV)/bin/python --require-hashes -r requirements/security.txt
	@touch $@
