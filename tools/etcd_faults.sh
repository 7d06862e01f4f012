#!/usr/bin/env bash
# Runs the tests of etcd's failures, each of them for the given time:
#   tools/etcd_faults.sh SECONDS
# Prints the counts of histories. GLUE_SECURITY_SEED in the environment decides what the
# clients call.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$#" -eq 1 ] || {
  echo "usage: tools/etcd_faults.sh SECONDS" >&2
  exit 2
}
./bazelw build --show_result=0 --noshow_progress //tests/storage/etcd:etcd_faults_test
GLUE_SECURITY_ETCD_SECONDS=$1 bazel-bin/tests/storage/etcd/etcd_faults_test
