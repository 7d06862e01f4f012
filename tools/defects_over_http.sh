#!/usr/bin/env bash
# Serves every backend with a planted defect over HTTP and runs all checks on it until one
# finds it, and then sequences of calls. Prints what found each defect.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec ./bazelw test --config=opt --noshow_progress --test_output=all --test_timeout=7200 \
  --test_env=GLUE_SECURITY_WHOLE_SUITE=1 //tests/testing/remote:defects_over_http_test
