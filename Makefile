# make run    sets everything up and compares the shipped scenarios (arguments: make run ARGS="reported national-2030")
# make test   sets up and passes the tests
# make lint   ruff, mypy and the arrows between layers
# make slow   verification and mutants: half an hour
# make bench  speed, on a machine that does nothing else
# make docs   runs the tutorials and builds the site, in build/site
# make release  wheel, sdist and site, in dist
# make clean  removes what the others made, results aside
#
# PYTHON=python3.12 chooses an interpreter, VENV=... another place for the environment, WORKERS=... the tests' processes.

PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
ARGS ?=

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test lint slow docs release bench clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	$(BIN)/qicsim compare $(ARGS)

test: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: $(VENV)/.test
	$(BIN)/python -m pytest -n $(WORKERS) -m slow

docs: $(VENV)/.docs
	$(BIN)/python docs/build.py

release: docs $(VENV)/.docs
	$(BIN)/python -m build --outdir dist .
	cd build && tar --sort=name --mtime=@0 --owner=0 --group=0 -czf ../dist/qicsim-site.tar.gz site

bench: $(VENV)/.test
	$(BIN)/python -m pytest -m bench -s tests/bench

clean:
	rm -rf $(VENV) dist build .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis .benchmarks
	find qicsim tests -name __pycache__ -type d -prune -exec rm -rf {} +

# pip 25.1 was the first to read [dependency-groups].
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install "pip>=25.1"
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) install --group test
	@touch $@

$(VENV)/.docs: $(VENV)/.installed
	$(PIP) install --group docs
	@touch $@

$(VENV)/.lint: $(VENV)/.installed
	$(PIP) install --group lint
	@touch $@
