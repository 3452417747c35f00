# The front door. Everything longer than a line lives in a package or a script.
PYTHON ?= python3
UV := .tools/bin/uv
BIN := .venv/bin
READY := .venv/.ready
KERNEL := .venv/.kernel
LOOPS := $(wildcard services/validation/src/lucid_validation/barrier/methods/kernel_*.py \
	services/coherence/src/lucid_coherence/states/lanes/*_loops.py)
MEMBERS := protos $(wildcard libs/*) $(wildcard services/*) gateway checker cli
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-deploy check format protos locks bench bench-startup bench-corpus bench-validation bench-coherence bench-calls clean

help:           ## list the targets
	@grep -hE '^[a-z-]+: .*##|^[a-z-]+:  *##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

setup: $(READY) $(KERNEL) ## install everything from the locks into .venv, compile the kernels

$(READY): locks/dev.txt locks/tools.txt $(addsuffix /pyproject.toml,$(MEMBERS))
	test -x $(UV) || $(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r locks/tools.txt
	test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	$(UV) pip sync --quiet --require-hashes locks/dev.txt
	$(UV) pip install --quiet --no-deps $(addprefix -e ./,$(MEMBERS))
	touch $(READY)

$(KERNEL): $(READY) $(LOOPS)
	$(BIN)/python -m lucid_validation.warm
	$(BIN)/python -m lucid_coherence.warm
	touch $(KERNEL)

run: setup      ## start the mesh, do the main job on real input, stay up (ARGS=--once to exit)
	$(BIN)/lucid up --story $(if $(PROBLEMS),--problems $(PROBLEMS)) $(if $(SEEDS),--seeds $(SEEDS)) $(ARGS)

test: setup     ## every test that needs no toolchain beyond Python
	OPENBLAS_NUM_THREADS=1 $(BIN)/pytest $(ARGS)

test-deploy: setup ## render the chart with helm and validate it against the Kubernetes schemas
	$(BIN)/python tests/deploy/run.py $(ARGS)

check: setup    ## format, lint, types, import contracts, protos
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python protos/tools/generate.py --check
	$(BIN)/python protos/tools/lint.py

format: setup   ## rewrite the sources in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

protos: setup   ## regenerate protos/gen
	$(BIN)/python protos/tools/generate.py

locks: setup    ## rewrite locks/ from the newest versions that the members allow
	UV=$(UV) locks/compile.sh --upgrade

bench: bench-startup ## every benchmark that takes minutes, not hours

bench-startup: setup ## time from `lucid up` to ready, and idle memory
	$(BIN)/python bench/startup.py $(ARGS)

bench-corpus: setup ## decide the whole public corpus and re-check every verdict
	$(BIN)/python bench/corpus.py $(ARGS)

bench-validation: setup ## Lucid beside z3 and cvc5 (half an hour), throughput and thin violations
	$(BIN)/python bench/validation/run.py $(ARGS)
	$(BIN)/python bench/validation/report.py
	$(BIN)/python bench/validation/throughput.py
	$(BIN)/python bench/validation/refutation.py

bench-coherence: setup ## the coherence service beside QuTiP, toqito, Qiskit, cvxpy, Stim and PyMatching
	$(BIN)/python bench/coherence/run.py $(ARGS)
	$(BIN)/python bench/coherence/report.py

bench-calls: setup ## what one small call costs beside its computation
	$(BIN)/python bench/call_cost.py $(ARGS)

clean:          ## remove what the targets made, keep .lucid/
	rm -rf .venv .tools uv.lock .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
