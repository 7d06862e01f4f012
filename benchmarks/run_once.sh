#!/usr/bin/env bash
# Runs every benchmark of the given programs once, so that one that no longer works is
# found by the tests: run_once.sh PROGRAM...
set -euo pipefail
for program in "$@"; do
  echo "== $program"
  "$program" --benchmark_min_time=0
done
