#!/usr/bin/env bash
# Kills processes that write to an SQLite database, CYCLES times (1000), and compares
# what they acknowledged with what is there: tools/sqlite_kill.sh [CYCLES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./bazelw build --noshow_progress //tests/storage/sqlite:sqlite_processes_test
cd bazel-bin/tests/storage/sqlite/sqlite_processes_test.runfiles/glue_security
GLUE_SECURITY_KILL_CYCLES="${1:-1000}" tests/storage/sqlite/sqlite_processes_test \
  --gtest_filter=SqliteProcesses.Killed_LoseNothingAcknowledged
