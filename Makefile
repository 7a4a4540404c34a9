# make setup | demo | check | test | slither | coverage | mutation | bench | gas | artifacts | docs | lock | clean
# Every target installs what it needs, pinned, without asking; a second run finds the stamps and starts at once.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

ROOT := $(CURDIR)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := $(ROOT)/.venv/bin
NPM_BIN := $(ROOT)/node_modules/.bin
STAMPS := .stamps
SYSTEM_PATH := $(PATH)

export PATH := $(NPM_BIN):$(PATH)
export SOLCX_BINARY_PATH := $(ROOT)/.solcx
export APE_DATA_FOLDER := $(ROOT)/build/ape
export HARDHAT_DISABLE_TELEMETRY_PROMPT := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

GAS_TESTS = $(sort $(shell find tests/contracts/gas -name '*.t.sol' 2>/dev/null))
LOGIC_TESTS = $(sort $(shell find tests/contracts -name '*.t.sol' -not -path '*/gas/*'))
PROOFS = tests/differential tests/crash tests/year tests/backup tests/operations/test_operations_page.py tests/cli/test_demo.py tests/hooking/test_killed.py tests/writing/test_simulator.py
TYPED = gecchain api

.PHONY: test-services help setup packages demo check static artifacts-fresh test test-contracts test-python test-proofs test-ape slither coverage mutation bench gas artifacts docs lock clean

help:
	@sed -n '1,2s/^# //p' Makefile

# --- set-up -----------------------------------------------------------------------------------------------------------

setup: packages $(STAMPS)/python $(STAMPS)/node

packages:
	@scripts/packages.sh

$(STAMPS)/python: requirements.lock pyproject.toml
	@echo "Python packages into .venv, each checked against its hash in requirements.lock"
	@mkdir -p $(STAMPS)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@scripts/python.sh
	@touch $@

$(STAMPS)/node: package-lock.json package.json .npmrc contracts/compiler.json scripts/solcx.sh
	@echo "Node packages into node_modules (compiler, Hardhat, anvil), each checked against package-lock.json"
	@mkdir -p $(STAMPS)
	@PATH="$(SYSTEM_PATH)" npm ci --no-audit --no-fund --ignore-scripts --loglevel=error
	@scripts/solcx.sh
	@touch $@

# --- the main job -----------------------------------------------------------------------------------------------------

demo: $(STAMPS)/python $(STAMPS)/node
	@$(BIN)/gec demo $(DEMO)

# --- checks -----------------------------------------------------------------------------------------------------------

check: $(STAMPS)/python static artifacts-fresh

static: $(STAMPS)/python
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict $(TYPED)
	$(BIN)/lint-imports

artifacts-fresh: $(STAMPS)/python $(STAMPS)/node
	$(BIN)/python scripts/artifacts.py --check

# The compiler works alone for long: beside it the other tests run.
test: setup
	@$(MAKE) -j2 --output-sync=line test-contracts test-services
	@$(MAKE) test-ape

test-services: setup
	@$(MAKE) test-python
	@$(MAKE) test-proofs

test-contracts: $(STAMPS)/node
	hardhat test solidity $(LOGIC_TESTS) tests/contracts/invariant/Handler.sol
	hardhat test solidity --test-profile gas --snapshot-check $(GAS_TESTS)

test-python: setup
	$(BIN)/pytest -n auto --dist loadgroup $(addprefix --ignore=,$(PROOFS))

# Long runs: contracts against the ledger's model, and processes killed at random moments.
test-proofs: setup
	$(BIN)/pytest -n auto --dist loadgroup $(PROOFS)

test-ape: $(STAMPS)/python $(STAMPS)/node
	$(BIN)/pytest -c tests/ape/pytest.ini tests/ape

# --- proofs about the contracts, on demand ----------------------------------------------------------------------------

$(STAMPS)/slither: scripts/slither.lock scripts/slither.sh
	@echo "Slither into .slither, each package checked against its hash in scripts/slither.lock"
	@mkdir -p $(STAMPS)
	@PYTHON="$(PYTHON)" scripts/slither.sh
	@touch $@

# Half a minute: findings of high or medium impact must be argued in contracts/slither.toml.
slither: $(STAMPS)/slither $(STAMPS)/node
	.slither/bin/python scripts/slither.py

# Half an hour: lines and branches of contracts/ that the Solidity tests reach; fails below every branch.
coverage: $(STAMPS)/node
	$(PYTHON) scripts/coverage.py

# Hours, or MUTATION="--sample 30 --seed 1 --quick": faults in Certificates and its libraries that no test notices.
mutation: $(STAMPS)/python $(STAMPS)/node
	$(BIN)/python tests/mutation $(MUTATION)

bench: $(STAMPS)/python $(STAMPS)/node
	$(BIN)/python -m bench

# --- what is generated and committed ----------------------------------------------------------------------------------

gas: $(STAMPS)/node
	hardhat test solidity --test-profile gas --snapshot $(GAS_TESTS)

artifacts: $(STAMPS)/python $(STAMPS)/node
	$(BIN)/python scripts/artifacts.py

# Pages that are measured: what the contracts do in each state, which test proves which question, every variable.
docs: $(STAMPS)/python
	GEC_WRITE_DOCS=1 $(BIN)/pytest -q tests/chain/test_contracts_page.py tests/differential/test_lifecycle.py tests/questions/test_questions.py tests/operations/test_configuration.py

lock: $(STAMPS)/python
	@PATH="$(SYSTEM_PATH)" scripts/lock.sh

clean:
	rm -rf .venv .slither node_modules bench/node_modules bench/indexing/ponder/node_modules .solcx $(STAMPS) build coverage dist .build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
