# Two commands to know: `make demo` and `make test`. Both work from a fresh clone.
#
# TORCH_INDEX: where to find a CPU build of PyTorch, when pip is not already set up for one:
#     make setup TORCH_INDEX=https://download.pytorch.org/whl/cpu

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PEERS := .venv-peers
RIVALS := .venv-rivals
STAMP := $(VENV)/.installed
TORCH_INDEX ?=
# A new folder each time: a demo never writes over an earlier run.
STARTED := $(shell date +%Y%m%d-%H%M%S)
DEMO_OUT ?= assay-runs/demo-$(STARTED)
# Two workers on two cores: a thread each, or they fight for the cores and tests take three times as long.
QUIET_THREADS := OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
# Two workers compile everything, with type checks woven in: kept, it saves the next run ten seconds.
KEEP_BYTECODE := PYTHONDONTWRITEBYTECODE=
# Whoever is done takes tests from the other; by whole files, one waits for the other's last.
PYTEST := $(QUIET_THREADS) $(KEEP_BYTECODE) $(BIN)/python -m pytest -n 2 --dist worksteal -q

.PHONY: help setup demo test test-quick format check bench bench-inspect bench-peers bench-faults clean

help:
	@echo "make setup       create $(VENV) with the package and its development tools"
	@echo "make demo        run the whole recipe on handwritten digits in two minutes"
	@echo "make test        every test this machine can run"
	@echo "make test-quick  the tests that need no minute"
	@echo "make check       format, lint, types, import arrows, documentation"
	@echo "make bench       the benchmarks (an hour and a half)"
	@echo "make bench-inspect audits, cleaning and studies (hours); the folder of data sets in ASSAY_DATA_DIR"
	@echo "make bench-peers the loop against other training libraries, in an environment of their own"
	@echo "make bench-faults the checks and other checkers on programs with planted faults, likewise (hours)"

setup: $(STAMP)

# torch goes first: constraints.txt pins the one version that has a CPU build, and nothing after it
# can ask for another.
$(STAMP): pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@

demo: setup
	$(BIN)/assay run digits --budget 2m --out $(DEMO_OUT)
	@echo "Open $(CURDIR)/$(DEMO_OUT)/report.html"

test: setup
	$(PYTEST) -m "not nightly" tests

test-quick: setup
	$(PYTEST) -m "not slow and not gpu and not browser and not cluster and not nightly" tests

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(BIN)/lint-imports
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: setup
	@for script in benchmarks/bench_*.py; do \
		echo "== $$script"; $(BIN)/python $$script || echo "== $$script did not finish"; done

bench-inspect: setup
	@for script in benchmarks/inspect/bench_*.py benchmarks/ablation/bench_*.py; do \
		echo "== $$script"; $(BIN)/python $$script || echo "== $$script did not finish"; done

# Never in $(VENV): the peers ask for other builds of PyTorch. torch is named each time so that none replaces it.
$(PEERS)/.installed: benchmarks/peers.txt benchmarks/peers-alone.txt constraints.txt
	test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(PEERS)/bin/python -m pip install -q $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(PEERS)/bin/python -m pip install -q -c constraints.txt -e . -r benchmarks/peers.txt
	$(PEERS)/bin/python -m pip install -q --no-deps -r benchmarks/peers-alone.txt
	touch $@

bench-peers: $(PEERS)/.installed
	$(PEERS)/bin/python benchmarks/bench_loop.py

# As for the peers. FAULTS: what else bench_faults.py shall know, as --seed 7 --instances 2.
FAULTS ?= --programs 0

$(RIVALS)/.installed: benchmarks/rivals.txt benchmarks/rivals-alone.txt constraints.txt
	test -x $(RIVALS)/bin/python || $(PYTHON) -m venv $(RIVALS)
	$(RIVALS)/bin/python -m pip install -q $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) -c constraints.txt torch
	$(RIVALS)/bin/python -m pip install -q -c constraints.txt -e . -r benchmarks/rivals.txt
	$(RIVALS)/bin/python -m pip install -q --no-deps -r benchmarks/rivals-alone.txt
	touch $@

bench-faults: $(RIVALS)/.installed
	$(QUIET_THREADS) $(RIVALS)/bin/python -m pytest -q tests/benchmarks/test_rivals.py
	$(RIVALS)/bin/python benchmarks/bench_faults.py --rivals $(FAULTS)

clean:
	rm -rf site build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
