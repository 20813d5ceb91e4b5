#!/usr/bin/env bash
# Asks Apache's own classes what they make of the configurations of the corpus.
#
#   record.sh           writes verdicts.jsonl anew
#   record.sh --check   compares with the verdicts.jsonl that is there
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
for jar in zookeeper-jute zookeeper slf4j-api slf4j-nop; do
  if [ ! -e "$jars/$jar.jar" ]; then
    echo "record.sh: $jars/$jar.jar is missing (Debian: libzookeeper-java; elsewhere set ZOOKEEPER_JARS)" >&2
    exit 3
  fi
  classpath=$classpath:$jars/$jar.jar
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/classes" "$work/files"
javac -Xlint:all,-path,-classfile -d "$work/classes" -cp "$classpath" "$here/Verdicts.java"
cd "$here/../../.."
npx --no-install tsx -C @jute-ts/source "$here/write-questions.ts" > "$work/questions"
# Names are looked up in this file and nowhere else.
echo "127.0.0.1 localhost zk1.example" > "$work/hosts"
java -Djdk.net.hosts.file="$work/hosts" -cp "$work/classes$classpath" Verdicts "$work/files" \
  < "$work/questions" > "$work/answers"
sed "s#$work/files#@DIR@#g" "$work/answers" > "$work/verdicts.jsonl"

if [ "$mode" = write ]; then
  cp "$work/verdicts.jsonl" "$here/verdicts.jsonl"
  echo "Wrote $(wc -l < "$work/verdicts.jsonl") verdicts."
elif diff -q "$here/verdicts.jsonl" "$work/verdicts.jsonl" >/dev/null; then
  echo "All $(wc -l < "$work/verdicts.jsonl") verdicts are what Apache's classes say."
else
  echo "record.sh: verdicts.jsonl is not what Apache's classes say; the first differences:" >&2
  diff "$here/verdicts.jsonl" "$work/verdicts.jsonl" | cut -c1-300 | head -6 >&2 || true
  exit 1
fi
