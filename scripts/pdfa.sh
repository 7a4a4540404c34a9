#!/usr/bin/env bash
# scripts/pdfa.sh FILE.pdf…: asks veraPDF whether documents are PDF/A-3u. Needs Java 17 and Maven, which fetches the
# validator into build/pdfa on the first run; nothing else here needs either.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$here/../build/pdfa
mkdir -p "$build"
if [ ! -s "$build/classpath" ]; then
    mvn -q -B -f "$here/pdfa/pom.xml" -Dmaven.repo.local="$build/repository" \
        org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath -Dmdep.outputFile="$build/classpath"
fi
exec java -cp "$(cat "$build/classpath")" "$here/pdfa/Validate.java" "$@"
