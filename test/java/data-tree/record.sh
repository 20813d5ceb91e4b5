#!/usr/bin/env bash
# Records what Java's request preparation and data tree make of a long random
# history of requests and txns.
#
#   record.sh           writes test/java/data-tree/history.jsonl anew
#   record.sh --check   compares with the file that is there, and has Java read
#                       the snapshot that our tree writes at the end of it
#
# Needs a JDK and ZooKeeper 3.8.0's jars, in Debian the packages
# default-jdk-headless and libzookeeper-java. ZOOKEEPER_JARS names the directory
# of the jars when it is not Debian's.
#
# Exit codes: 0 fine, 1 something differs, 2 wrong usage, 3 Java or a jar is missing.
set -euo pipefail

mode=write
case "${1-}" in
  "") ;;
  --check) mode=check ;;
  *) echo "usage: record.sh [--check]" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
history=$here/history.jsonl
jars=${ZOOKEEPER_JARS:-/usr/share/java}

for tool in java javac; do
  if ! command -v "$tool" >/dev/null; then
    echo "record.sh: $tool is not installed (Debian: default-jdk-headless)" >&2
    exit 3
  fi
done
classpath=
for jar in zookeeper-jute zookeeper slf4j-api slf4j-nop; do
  if [ ! -e "$jars/$jar.jar" ]; then
    echo "record.sh: $jars/$jar.jar is missing (Debian: libzookeeper-java; elsewhere set ZOOKEEPER_JARS)" >&2
    exit 3
  fi
  classpath=$classpath:$jars/$jar.jar
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes" "$work/tmp"
javac -encoding UTF-8 -Xlint:all,-path,-classfile -Werror -d "$work/classes" -cp "$classpath" "$here"/*.java
# Java's digest takes a path's bytes in the platform's encoding.
java -Dfile.encoding=UTF-8 -Dzookeeper.extendedTypesEnabled=true -Djava.io.tmpdir="$work/tmp" \
  -cp "$work/classes$classpath" org.apache.zookeeper.server.DataTreeHistory "$work/history.jsonl"

if [ "$mode" = write ]; then
  cp "$work/history.jsonl" "$history"
  echo "Wrote $(wc -l < "$history") lines to test/java/data-tree/history.jsonl."
  exit
fi
if ! diff -q "$history" "$work/history.jsonl" >/dev/null; then
  echo "record.sh: test/java/data-tree/history.jsonl is not what Java writes; the first differences:" >&2
  diff "$history" "$work/history.jsonl" | cut -c1-300 | head -6 >&2 || true
  exit 1
fi
echo "The $(wc -l < "$history") lines in test/java/data-tree/history.jsonl are what Java writes."

(cd "$here" && npx --no-install tsx -C @jute-ts/source write-snapshot.ts) > "$work/snapshot"
java -Dfile.encoding=UTF-8 -Dzookeeper.extendedTypesEnabled=true \
  -cp "$work/classes$classpath" org.apache.zookeeper.server.SnapshotReadBack "$work/snapshot" "$work/read.jsonl"
# Whoever loads a snapshot counts anew what has a quota, so the statistics may differ.
result() { grep -E '^\["(node|session)"' "$1" | grep -v zookeeper_stats; }
if ! diff <(result "$history") <(result "$work/read.jsonl") > "$work/differences"; then
  echo "record.sh: Java reads something else from our snapshot; the first differences:" >&2
  cut -c1-300 "$work/differences" | head -6 >&2
  exit 1
fi
echo "Java reads the $(result "$work/read.jsonl" | wc -l) znodes and sessions of our snapshot as they are."
