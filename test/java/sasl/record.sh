#!/usr/bin/env bash
# Records what the JDK, which Apache's server uses, makes of DIGEST-MD5 and of JAAS files.
#
#   record.sh           writes exchanges.jsonl and jaas-files.jsonl anew
#   record.sh --check   compares the verdicts with those of the files that are there;
#                       nonces and proofs are others each time
#
# Needs a JDK, in Debian the package default-jdk-headless.
#
# Exit codes: 0 fine, 1 something differs, 2 wrong usage, 3 Java is missing.
set -euo pipefail

mode=write
case "${1-}" in
  "") ;;
  --check) mode=check ;;
  *) echo "usage: record.sh [--check]" >&2; exit 2 ;;
esac

here=$(cd "$(dirname "$0")" && pwd)
if ! command -v java >/dev/null; then
  echo "record.sh: java is not installed (Debian: default-jdk-headless)" >&2
  exit 3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for program in DigestMd5:exchanges JaasFiles:jaas-files; do
  java -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 \
    "$here/${program%:*}.java" > "$work/${program#*:}.jsonl"
done

if [ "$mode" = write ]; then
  cp "$work"/*.jsonl "$here"
  echo "Wrote $(cat "$work"/*.jsonl | wc -l) lines to test/java/sasl."
  exit
fi

verdicts() { sed -E 's/"(challenge|response|answer)":"[0-9a-f]*"/"\1":""/g' "$1"; }
for file in exchanges jaas-files; do
  recorded=$here/$file.jsonl
  if ! diff <(verdicts "$recorded") <(verdicts "$work/$file.jsonl") > "$work/differences"; then
    echo "record.sh: the verdicts in test/java/sasl/$file.jsonl are not the JDK's; the first differences:" >&2
    cut -c1-300 "$work/differences" | head -6 >&2
    exit 1
  fi
done
echo "The $(cat "$work"/*.jsonl | wc -l) verdicts in test/java/sasl are the JDK's."
