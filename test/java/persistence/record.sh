#!/usr/bin/env bash
# Records the logs and snapshots that Java writes, and what it reads in ours.
#
#   record.sh           writes the files in test/java/persistence/recorded anew
#   record.sh --check   compares with the files that are there, and has Java read
#                       random logs and snapshots that jute-ts has written
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
root=$(cd "$here/../../.." && pwd)
recorded=$here/recorded
jars=${ZOOKEEPER_JARS:-/usr/share/java}

for tool in java javac; do
  if ! command -v "$tool" >/dev/null; then
    echo "record.sh: $tool is not installed (Debian: default-jdk-headless)" >&2
    exit 3
  fi
done
classpath=
for jar in zookeeper-jute zookeeper slf4j-api slf4j-nop snappy-java; do
  if [ ! -e "$jars/$jar.jar" ]; then
    echo "record.sh: $jars/$jar.jar is missing (Debian: libzookeeper-java; elsewhere set ZOOKEEPER_JARS)" >&2
    exit 3
  fi
  classpath=$classpath:$jars/$jar.jar
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes" "$work/recorded" "$work/ours"
javac -Xlint:all,-path -Werror -d "$work/classes" -cp "$classpath" "$here"/*.java
# Znodes with a TTL exist only where they are switched on.
run() { java -Dzookeeper.extendedTypesEnabled=true -Dfile.encoding=UTF-8 -cp "$work/classes$classpath" "$@"; }
run WriteFiles "$work/recorded"

if [ "$mode" = write ]; then
  rm -rf "$recorded"
  cp -r "$work/recorded" "$recorded"
  echo "Wrote $(find "$recorded" -type f | wc -l) files to test/java/persistence/recorded."
  exit
fi

# What compression makes of a snapshot depends on the Java at hand; what is in it does not, and the
# tests compare that.
if ! diff -rq --exclude='*.gz' --exclude='*.snappy' "$recorded" "$work/recorded" >&2; then
  echo "record.sh: test/java/persistence/recorded is not what Java writes" >&2
  exit 1
fi
echo "The files in test/java/persistence/recorded are what Java writes."

cd "$root"
npx --no-install tsx -C @jute-ts/source "$here/write-files.ts" "$work/ours"
run ReadFiles "$work/ours"
