#!/usr/bin/env bash
# Runs the fuzz targets, each for the given time:
#   tools/fuzz.sh SECONDS [FOLDER]
# It starts from the checked-in corpus. What it finds new goes to FOLDER, or is
# dropped; an input that fails is left in the current folder and told of.
set -euo pipefail
seconds=${1:?"usage: tools/fuzz.sh SECONDS [FOLDER]"}
folder=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A build of its own, so that the others keep their cache.
./bazelw build --config=fuzz --noshow_progress --ui_event_filters=-info \
  //tests/fuzz:policy_fuzz
binary=$PWD/bazel-bin/tests/fuzz/policy_fuzz
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"
"$binary" -max_total_time="$seconds" -max_len=12000 -timeout=10 \
  -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
  -dict=tests/fuzz/policy.dict "$folder" tests/fuzz/corpus/policy
