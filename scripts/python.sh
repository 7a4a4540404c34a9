#!/usr/bin/env bash
# Installs requirements.lock into .venv. The build tools come first, from the same lock: a source package is then built
# with them and not with whatever a download would bring.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=$(mktemp)
trap 'rm -f "$tools"' EXIT
awk '/^[a-z]/ {wanted = /^(setuptools|wheel|packaging)==/} wanted' requirements.lock > "$tools"
pip=(.venv/bin/python -m pip install --quiet --no-input --no-deps)
"${pip[@]}" --require-hashes -r "$tools"
"${pip[@]}" --require-hashes --no-build-isolation -r requirements.lock
# setuptools warns that an editable install follows the working directory, which is what it is for.
PYTHONWARNINGS=ignore "${pip[@]}" --no-build-isolation -e .
