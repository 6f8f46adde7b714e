# Needs Python 3.11 or newer and make; everything else is fetched by the targets that need it.
# PYTHON=python3.13 chooses another Python, ARGS="-k stream" is handed on.

PYTHON ?= python3
LAB := .venv-lab
TEST := .venv
LOWEST := .venv-lowest
DOCS := .venv-docs
PROTEAN := .venv-protean
LITE := .venv-lite
# Bytecode is made of what is imported, when it is: 68 seconds for an environment instead of 87.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile
NOTEBOOK := notebooks/00-start-here.ipynb
SOURCES := ddd_kit tests benchmarks notebooks docs lite

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*##/ { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(LAB)/ready  ## open the first notebook in JupyterLab
	$(LAB)/bin/jupyter lab $(shell [ "$$(id -u)" = 0 ] && echo --allow-root) $(ARGS) $(NOTEBOOK)

environments: $(TEST)/ready $(PROTEAN)/ready $(DOCS)/ready $(LITE)/ready  ## all that the tests need; make -j4 sets them up side by side

test: environments check  ## run all checks and tests, in a browser too
	@$(TEST)/bin/python tests/browser/chromium.py
	$(TEST)/bin/python -m pytest -n 3 --dist loadfile $(ARGS)

check: $(TEST)/ready  ## lint, format, types, layers, spelling
	$(TEST)/bin/ruff check $(SOURCES)
	$(TEST)/bin/ruff format --check $(SOURCES)
	$(TEST)/bin/mypy
	$(TEST)/bin/lint-imports
	$(TEST)/bin/codespell README.md CHANGELOG.md ddd_kit docs notebooks/*.ipynb

notebooks: $(TEST)/ready  ## run the notebooks and save their outputs in them
	rm -f notebooks/workshop-progress.json
	$(TEST)/bin/jupyter nbconvert --execute --inplace --ExecutePreprocessor.record_timing=False \
		--ExecutePreprocessor.store_widget_state=False notebooks/*.ipynb
	rm -f notebooks/workshop-progress.json

docs: $(DOCS)/ready  ## make the site: the course and the reference, in build/docs
	rm -rf build/docs build/docs-read
	$(DOCS)/bin/python -m sphinx --jobs auto --quiet --fail-on-warning --keep-going \
		--conf-dir docs --doctree-dir build/docs-read $(ARGS) . build/docs
	@echo "build/docs/index.html"

lite: $(LITE)/ready  ## make a site that has the course and its Python in the browser alone, in build/lite
	$(LITE)/bin/python -m lite $(ARGS)

bench:  ## compare the speed with other libraries'
	$(PYTHON) -m benchmarks $(ARGS)

bench-workbench: $(TEST)/ready  ## measure the workbench in a browser
	$(TEST)/bin/python -m benchmarks.workbench $(ARGS)

lowest: $(LOWEST)/ready $(PROTEAN)/ready  ## run the tests with the oldest libraries that are allowed
	$(LOWEST)/bin/python -m pytest -m "not browser and not delivery" -W default $(ARGS)

clean:  ## remove environments, caches and builds
	rm -rf .venv .venv-* dist build .*_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +

$(LAB)/ready: pyproject.toml
	$(call environment,$(LAB),lab)
	@# No question about news from the Jupyter project above the first picture.
	$(LAB)/bin/jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements"
	@touch $@

$(TEST)/ready: pyproject.toml
	$(call environment,$(TEST),test)
	@touch $@

$(DOCS)/ready: pyproject.toml
	$(call environment,$(DOCS),docs)
	@touch $@

$(LOWEST)/ready: pyproject.toml
	$(call python,$(LOWEST))
	$(LOWEST)/bin/python -m pip install --quiet uv
	$(LOWEST)/bin/uv pip compile --quiet --resolution lowest-direct --python $(LOWEST)/bin/python -o $(LOWEST)/lowest.txt pyproject.toml
	$(LOWEST)/bin/uv pip install --quiet --python $(LOWEST)/bin/python --constraint $(LOWEST)/lowest.txt --editable '.[test]'
	@touch $@

$(PROTEAN)/ready: tests/protean/requirements.txt
	$(call python,$(PROTEAN))
	$(PROTEAN)/bin/python $(INSTALL) --requirement tests/protean/requirements.txt
	@touch $@

$(LITE)/ready: lite/requirements.txt
	$(call python,$(LITE))
	$(LITE)/bin/python $(INSTALL) --requirement lite/requirements.txt
	@touch $@

# A virtual environment in folder $(1).
define python
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(1)
endef

# The same, with ddd_kit and what its extra $(2) names in it.
define environment
	$(call python,$(1))
	$(1)/bin/python $(INSTALL) --editable '.[$(2)]'
endef

.PHONY: help lab environments test check notebooks docs lite bench bench-workbench lowest clean
