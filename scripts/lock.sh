#!/usr/bin/env bash
# Resolves requirements.in into requirements.lock (versions and hashes, no addresses) and every package.json into its own.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/python -m uv --version >/dev/null 2>&1 || .venv/bin/python -m pip install --quiet uv
.venv/bin/python -m uv pip compile requirements.in --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url --quiet -o requirements.lock
npm install --package-lock-only --ignore-scripts --no-audit --no-fund --loglevel=error
node scripts/other_platforms.mjs
node bench/lock.mjs
(cd bench/indexing/ponder && npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund --loglevel=error)
