#!/usr/bin/env bash
# Makes every call of the system fail that the operations of SqliteStorage make, and
# flips every bit of a small database and its log; with an argument, one in EVERY of
# them: tools/sqlite_exhaustive.sh [EVERY]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export GLUE_SECURITY_FAULTS_EVERY="${1:-1}" GLUE_SECURITY_FLIPS_EVERY="${1:-1}"
for test in sqlite_faults_test sqlite_flips_test; do
  ./bazelw build --noshow_progress "//tests/storage/sqlite:$test"
  "bazel-bin/tests/storage/sqlite/$test"
done
