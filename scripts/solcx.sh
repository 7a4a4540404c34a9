#!/bin/sh
# Makes .solcx/, the folder where py-solc-x looks for compilers (SOLCX_BINARY_PATH).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
version=$(sed -n 's/.*"version": "\([0-9.]*\)".*/\1/p' "$root/contracts/compiler.json")
mkdir -p "$root/.solcx"
cat > "$root/.solcx/solc-v$version" <<'EOF'
#!/bin/sh
root=$(cd "$(dirname "$0")/.." && pwd)
exec "$root/node_modules/.bin/node" "$root/scripts/solc.cjs" "$@"
EOF
chmod +x "$root/.solcx/solc-v$version"
