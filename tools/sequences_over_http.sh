#!/usr/bin/env bash
# Compares glue-security-server with the reference model over HTTP, in random sequences of
# CALLS calls (1,000,000 by default) in each preset, and prints the time that they took.
#   tools/sequences_over_http.sh [CALLS]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
server=glue_security/server/binary/glue-security-server
program=tests/testing/remote/sequences_over_http
./bazelw build --config=opt --noshow_progress "//${server%/*}:${server##*/}" \
  "//${program%/*}:${program##*/}"
exec python3 tests/clients/sequences_over_http_test.py \
  SequencesTest.test_there_is_no_difference "bazel-bin/$server" "bazel-bin/$program" "${1:-1000000}"
