#!/usr/bin/env bash
# Asks Apache's own compiler which texts of the corpus and its mutations it accepts.
#
#   record.sh           writes verdicts.json anew
#   record.sh --check   compares with the verdicts.json that is there
#
# Needs a JDK (17 to 23: the last that can keep a program from ending the process)
# and ZooKeeper 3.8.0's Jute, in Debian the packages default-jdk-headless and
# libzookeeper-java. ZOOKEEPER_JARS names the directory of the jar when it is not
# Debian's.
#
# Exit codes: 0 fine, 1 something differs, 2 wrong usage, 3 Java or the jar is missing.
set -euo pipefail

case "${1-}" in
  "" | --check) ;;
  *) echo "usage: record.sh [--check]" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
jar=${ZOOKEEPER_JARS:-/usr/share/java}/zookeeper-jute.jar
for tool in java javac; do
  if ! command -v "$tool" >/dev/null; then
    echo "record.sh: $tool is not installed (Debian: default-jdk-headless)" >&2
    exit 3
  fi
done
if [ ! -e "$jar" ]; then
  echo "record.sh: $jar is missing (Debian: libzookeeper-java; elsewhere set ZOOKEEPER_JARS)" >&2
  exit 3
fi

classes=$(mktemp -d)
trap 'rm -rf "$classes"' EXIT
# The security manager is deprecated, and still the only way to survive System.exit().
javac -Xlint:all,-path,-removal -Werror -d "$classes" -cp "$jar" "$here/Verdicts.java"
cd "$here/../../.."
npx --no-install tsx -C @jute-ts/source "$here/record.ts" "$classes:$jar" ${1+"$1"}
