# `make tables` and `make test` need Python 3.11, pip and a C compiler; they make their own environment in .venv.
ifndef PYTHON
# Where .venv is activated, the Python that it was made from: only that has pip.
PYTHON := $(shell $$(command -v python3.11 || command -v python3) -c 'import sys; print(sys._base_executable)')
endif
CORES ?= $(shell nproc)
SETUP ?= mini
VENV := .venv
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.PHONY: tables test test-workflows lint smoke plan time bench chaos test-slurm check-reference clean

# A run that was killed goes on where it was: type the same again.
tables: $(VENV)/installed
	instmove unlock
	snakemake --cores $(CORES) tables --config setup=$(SETUP)

test: $(VENV)/installed
	pytest -n 2 --dist loadfile --no-loadscope-reorder

# Whole workflows, one process a job: the tests that the above leaves out.
test-workflows: $(VENV)/installed
	pytest -n 2 --dist loadfile -m slow

lint: $(VENV)/installed
	ruff check .
	ruff format --check .
	mypy
	snakefmt --check Snakefile workflow
	snakemake --lint

# All tables from training, on three generated clips.
smoke: $(VENV)/installed
	instmove unlock
	snakemake --cores $(CORES) tables --config setup=smoke

plan: $(VENV)/installed
	instmove plan --setup $(SETUP)

# Seconds of each rule in the last run.
time: $(VENV)/installed
	instmove time-report --setup $(SETUP)

bench: $(VENV)/installed
	python -m benchmarks

# Kills, full disks, spoilt caches: do the results stay the same to the byte? On a frozen copy.
chaos: $(VENV)/installed
	python -m tests.chaos

# profiles/slurm on a Slurm of this machine, which is installed (Debian, as root), started and stopped.
test-slurm: $(VENV)/installed
	python -m tests.slurm

# Runs the mini setup and compares its tables with the committed ones.
check-reference: tables
	instmove check-reference --setup $(SETUP)

clean:
	rm -rf $(VENV) .snakemake data/mini data/smoke

# venv without pip: Debian ships ensurepip in a package of its own. torch goes first, with its dependencies, since its
# build decides them (the CPU build has none of CUDA's); the lock file constrains both steps.
$(VENV)/installed: requirements.txt pyproject.toml
	$(PYTHON) -m venv --without-pip $(VENV)
	$(PYTHON) -m pip --python $(VENV)/bin/python install --quiet --constraint requirements.txt torch==2.13.0
	$(PYTHON) -m pip --python $(VENV)/bin/python install --quiet --no-deps --requirement requirements.txt
	$(PYTHON) -m pip --python $(VENV)/bin/python install --quiet --no-deps --no-build-isolation --editable .
	touch $@
