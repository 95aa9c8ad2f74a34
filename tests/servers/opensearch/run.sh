#!/usr/bin/env bash
# run.sh DATA_FOLDER HTTP_PORT TRANSPORT_PORT: a real single-node OpenSearch 3.8 in the foreground; SIGTERM stops it.
# The first run fetches 71 MB of jars with Maven and compiles one small class into the cache folder.
set -eu
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/../jdk.sh"
cache=${NEWSWATCH_SERVER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/newswatch-servers}/opensearch-3.8.0
if [ ! -e "$cache/ready" ]; then
  rm -rf "$cache"; mkdir -p "$cache/lib" "$cache/classes"
  mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$cache/lib" -DincludeScope=runtime
  "$JAVA_HOME/bin/javac" --release 21 -nowarn -cp "$cache/lib/*" -d "$cache/classes" "$here/src/local/Main.java"
  touch "$cache/ready"
fi
mkdir -p "$1"
exec "$JAVA_HOME/bin/java" ${OPENSEARCH_JAVA_OPTS:--Xms384m -Xmx384m} \
  --enable-native-access=ALL-UNNAMED --add-modules=jdk.incubator.vector \
  -Djava.awt.headless=true -Dfile.encoding=UTF-8 -Dio.netty.noUnsafe=true -Dlog4j2.disable.jmx=true \
  -cp "$cache/classes:$cache/lib/*" local.Main "$@"
