#!/usr/bin/env bash
# Installs the system packages that the tests' real servers need, if they are missing: PostgreSQL, and a JDK
# of 21 or newer with Maven for Elasticsearch and OpenSearch, whose files the first start fetches. Does nothing on a machine that has them.
set -euo pipefail

missing=()
command -v initdb >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || missing+=(postgresql)
command -v mvn >/dev/null || missing+=(maven)

has_jdk() {
  local javac
  for javac in "${JAVA_HOME:-/none}/bin/javac" "$(command -v javac || true)" /usr/lib/jvm/*/bin/javac /opt/*/bin/javac; do
    [ -x "$javac" ] && [ "$("$javac" -version 2>&1 | sed -E 's/javac ([0-9]+).*/\1/')" -ge 21 ] && return 0
  done
  return 1
}
has_jdk || missing+=(openjdk-21-jdk-headless)

[ ${#missing[@]} -eq 0 ] && exit 0
echo "installing ${missing[*]}"
run=()
[ "$(id -u)" -eq 0 ] || run=(sudo)
"${run[@]}" apt-get update -qq
DEBIAN_FRONTEND=noninteractive "${run[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
