#!/usr/bin/env bash
# Explores every schedule of the alphabet with at most two injected faults, or with at
# most FAULTS. One fault takes seconds, two take minutes.
#   tools/schedules.sh [FAULTS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./bazelw test --config=opt --test_output=all --test_timeout=7200 \
  --test_env=GLUE_SECURITY_SCHEDULE_FAULTS="${1:-2}" \
  //tests/testing:schedule_exhaustive_test
