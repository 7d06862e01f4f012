#!/usr/bin/env bash
# Runs the fuzz targets, each for the given time:
#   tools/fuzz.sh SECONDS [FOLDER]
# They start from the checked-in corpora. What they find new goes to a folder
# each within FOLDER, or is dropped; an input that fails is left in the current
# folder and told of.
set -euo pipefail
seconds=${1:?"usage: tools/fuzz.sh SECONDS [FOLDER]"}
folder=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# A build of its own, so that the others keep their cache.
./bazelw build --config=fuzz --noshow_progress --ui_event_filters=-info \
  //tests/fuzz:codec_fuzz //tests/fuzz:http_fuzz //tests/fuzz:policy_fuzz \
  //tests/fuzz:sequence_fuzz
if [ -z "$folder" ]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi

# fuzz NAME OPTION...
fuzz() {
  local name=$1
  shift
  mkdir -p "$folder/$name"
  "$PWD/bazel-bin/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" \
    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 "$@" \
    "$folder/$name" "tests/fuzz/corpus/$name"
}

fuzz codec -max_len=4000 -timeout=10 -dict=tests/fuzz/codec.dict
# Leaks are looked for at the end: while threads serve, every input looks like
# one.
fuzz http -max_len=8000 -timeout=20 -dict=tests/fuzz/http.dict -detect_leaks=0 \
  -entropic=0
fuzz policy -max_len=12000 -timeout=10 -dict=tests/fuzz/policy.dict
# The first sequence makes the policies that break a rule, which takes a while.
fuzz sequence -max_len=4000 -timeout=60
