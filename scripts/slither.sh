#!/usr/bin/env bash
# Slither (AGPL-3.0) is a program of its own beside the product: it gets its own environment and is linked to nothing.
# `scripts/slither.sh` installs scripts/slither.lock into .slither/; `scripts/slither.sh lock` makes that lock anew.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" = lock ]; then
  .venv/bin/python -m uv --version >/dev/null 2>&1 || .venv/bin/python -m pip install --quiet uv
  echo "slither-analyzer>=0.11,<0.12" | .venv/bin/python -m uv pip compile - --python-version 3.11 --generate-hashes \
    --no-header --no-annotate --no-emit-index-url --quiet -o scripts/slither.lock
  exit
fi
test -x .slither/bin/python || "${PYTHON:-python3.11}" -m venv .slither
.slither/bin/python -m pip install --quiet --no-input --no-deps --only-binary :all: --require-hashes -r scripts/slither.lock
