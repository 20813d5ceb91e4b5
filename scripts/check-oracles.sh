#!/usr/bin/env bash
# Has Java make again everything that was recorded from it, and compares. Each
# record.sh --check fails when something differs.
set -euo pipefail
cd "$(dirname "$0")/.."

bash test/java/vectors/record.sh --check
bash test/java/apache-compiler/record.sh
git diff --exit-code --stat -- test/java/apache-compiler
for oracle in generated-code persistence election configuration data-tree sasl; do
  bash "test/java/$oracle/record.sh" --check
done
