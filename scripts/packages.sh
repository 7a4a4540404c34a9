#!/usr/bin/env bash
# Installs the programs that tests drive and this machine lacks: a browser, a database, Chinese type, a PDF reader.
# It looks at what is there first; apt's lists are fetched only if a package cannot be installed without it.
set -euo pipefail

missing=()
command -v chromium >/dev/null || missing+=(chromium)
compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
command -v pdftotext >/dev/null || missing+=(poppler-utils)
compgen -G "/usr/share/fonts/opentype/noto/NotoSansCJK*" >/dev/null || missing+=(fonts-noto-cjk)
((${#missing[@]})) || exit 0

if ! command -v apt-get >/dev/null; then
  echo "Missing: ${missing[*]}. There is no apt-get here: please install them by this system's own means." >&2
  exit 1
fi
echo "System packages that the tests drive: ${missing[*]} (apt-get)"
as_root=()
((EUID == 0)) || as_root=(sudo)
install() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}
install 2>/dev/null || { "${as_root[@]}" apt-get update -qq && install; }
