#!/usr/bin/env bash
# Records what Java's own Jute makes of ZooKeeper's records and messages.
#
#   record.sh           writes the files in test/vectors anew
#   record.sh --check   compares with the files that are there, and has Java
#                       read random records that jute-ts has written, with the
#                       classes that Apache's compiler makes of jute-defs
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
vectors=$root/test/vectors
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
mkdir "$work/classes" "$work/vectors"
javac -Xlint:all,-path -Werror -d "$work/classes" -cp "$classpath" "$here"/*.java
classpath=$work/classes$classpath
java -cp "$classpath" RecordVectors "$work/vectors"
java -cp "$classpath" PacketVectors "$work/vectors"
java -cp "$classpath" Constants "$work/vectors"

if [ "$mode" = write ]; then
  mkdir -p "$vectors"
  cp "$work"/vectors/* "$vectors"/
  echo "Wrote $(cat "$work"/vectors/* | wc -l) lines to test/vectors."
  exit
fi

different=0
for file in "$work"/vectors/*; do
  name=$(basename "$file")
  if ! diff -q "$vectors/$name" "$file" >/dev/null; then
    echo "record.sh: test/vectors/$name is not what Java writes; the first differences:" >&2
    diff "$vectors/$name" "$file" | cut -c1-300 | head -6 >&2 || true
    different=1
  fi
done
if [ "$different" = 1 ]; then
  exit 1
fi
echo "The $(cat "$work"/vectors/* | wc -l) lines in test/vectors are what Java writes."

# The classes that Apache's compiler makes of our own .jute files. Unlike those in the jar they have
# readOnly, as since 3.9, and they show that the compiler accepts the files.
mkdir "$work/sources" "$work/current"
(cd "$work/sources" && java -cp "$classpath" org.apache.jute.compiler.generated.Rcc -l java "$root"/jute-defs/*.jute) > "$work/rcc.log"
find "$work/sources" -name '*.java' > "$work/sources.list"
javac -d "$work/current" -cp "$classpath" "@$work/sources.list"
classpath=$work/current:$classpath

sed -nE '/"readOnly":/s/^\{"record":"([^"]*)","case":"[^"]*","value":(.*),"hex":"([0-9a-f]*)"\}$/\1\t\3\t\2/p' "$vectors/proto.jsonl" > "$work/appended.tsv"
java -cp "$classpath" ReadBack "$work/appended.tsv" "connect records with readOnly appended"

cd "$root"
npx --no-install tsx -C @jute-ts/source "$here/write-records.ts" > "$work/ours.tsv"
java -cp "$classpath" ReadBack "$work/ours.tsv" "records that jute-ts wrote"
