#!/usr/bin/env bash
# Records what Java's own election makes of votes and messages.
#
#   record.sh           writes vectors.jsonl anew
#   record.sh --check   compares with the file that is there
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
jars=${ZOOKEEPER_JARS:-/usr/share/java}

for tool in java javac; do
  if ! command -v "$tool" >/dev/null; then
    echo "record.sh: $tool is not installed (Debian: default-jdk-headless)" >&2
    exit 3
  fi
done
classpath=
for jar in zookeeper-jute zookeeper slf4j-api slf4j-nop netty-all snappy-java metrics-core; do
  if [ -e "$jars/$jar.jar" ]; then
    classpath=$classpath:$jars/$jar.jar
  elif [[ $jar == zookeeper* || $jar == slf4j* ]]; then
    echo "record.sh: $jars/$jar.jar is missing (Debian: libzookeeper-java; elsewhere set ZOOKEEPER_JARS)" >&2
    exit 3
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes"
javac -d "$work/classes" -cp "$classpath" "$here"/*.java
java -cp "$work/classes$classpath" org.apache.zookeeper.server.quorum.ElectionVectors "$work/vectors.jsonl"

if [ "$mode" = write ]; then
  cp "$work/vectors.jsonl" "$here/vectors.jsonl"
  echo "Wrote $(wc -l < "$here/vectors.jsonl") lines to test/java/election/vectors.jsonl."
  exit
fi

if ! diff -q "$here/vectors.jsonl" "$work/vectors.jsonl" >/dev/null; then
  echo "record.sh: test/java/election/vectors.jsonl is not what Java writes; the first differences:" >&2
  diff "$here/vectors.jsonl" "$work/vectors.jsonl" | cut -c1-300 | head -6 >&2 || true
  exit 1
fi
echo "The $(wc -l < "$work/vectors.jsonl") lines in test/java/election/vectors.jsonl are what Java writes."
