#!/usr/bin/env bash
# Kills what writes to an SQLite database, CYCLES times (1000), and compares what was
# acknowledged with what is there: first processes with the storage, most of them before
# a chosen call of the system, then servers with clients: tools/sqlite_kill.sh [CYCLES]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export GLUE_SECURITY_KILL_CYCLES="${1:-1000}"
server=//glue_security/server/binary:glue-security-server
./bazelw build --noshow_progress //tests/storage/sqlite:sqlite_processes_test "$server"
(
  cd bazel-bin/tests/storage/sqlite/sqlite_processes_test.runfiles/glue_security
  tests/storage/sqlite/sqlite_processes_test \
    --gtest_filter=SqliteProcesses.Killed_LoseNothingAcknowledged
)
PYTHONPATH=tests/clients /usr/bin/python3 tests/clients/durable_test.py \
  bazel-bin/glue_security/server/binary/glue-security-server \
  DurableTest.test_kill_9_loses_no_write_that_was_acknowledged
