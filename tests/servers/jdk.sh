# Sourced by the servers' run.sh: JAVA_HOME becomes that of a JDK of 21 or newer.
javac=$(readlink -f "$(command -v javac || true)" || true)
beside=${javac%/*/bin/javac} # the folder that holds the JDKs
for home in "${ES_JAVA_HOME:-}" "${JAVA_HOME:-}" $(ls -d "$beside"/* 2>/dev/null | sort -rV); do
  [ -x "$home/bin/javac" ] || continue
  version=$("$home/bin/javac" -version 2>&1 | sed 's/javac \([0-9]*\).*/\1/')
  [ "$version" -ge 21 ] && { JAVA_HOME=$home; break; }
  JAVA_HOME=
done
[ -n "${JAVA_HOME:-}" ] || { echo "no JDK 21 or newer found; set ES_JAVA_HOME" >&2; exit 3; }
export JAVA_HOME
