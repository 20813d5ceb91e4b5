#!/usr/bin/env bash
# Has Apache's own compiler generate Java and C for the schemas of cases.ts, and tries both.
#
#   record.sh           writes verdicts.json
#   record.sh --check   compares with the verdicts.json that is there
#
# Needs a JDK, gcc, ZooKeeper 3.8.0's Jute and recordio.h, in Debian the packages
# default-jdk-headless, gcc, libzookeeper-java and libzookeeper-mt-dev. ZOOKEEPER_JARS
# and ZOOKEEPER_HEADERS name the directories of the jar and of the header elsewhere.
#
# Exit codes: 0 fine, 1 something differs, 2 wrong usage, 3 a tool or a file is missing.
set -euo pipefail

case "${1-}" in
  "" | --check) ;;
  *) echo "usage: record.sh [--check]" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
jar=${ZOOKEEPER_JARS:-/usr/share/java}/zookeeper-jute.jar
headers=${ZOOKEEPER_HEADERS:-/usr/include/zookeeper}
for tool in java javac gcc; do
  if ! command -v "$tool" >/dev/null; then
    echo "record.sh: $tool is not installed" >&2
    exit 3
  fi
done
for file in "$jar" "$headers/recordio.h"; do
  if [ ! -e "$file" ]; then
    echo "record.sh: $file is missing (Debian: libzookeeper-java, libzookeeper-mt-dev)" >&2
    exit 3
  fi
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes" "$work/cases"
javac -Xlint:all,-path,-processing -Werror -d "$work/classes" -cp "$jar" "$here/GeneratedCode.java"
cd "$here/../../.."
npx --no-install tsx -C @jute-ts/source "$here/record.ts" \
  "$work/classes:$jar" "$headers" "$work/cases" ${1+"$1"}
