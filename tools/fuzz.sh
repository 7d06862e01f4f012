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
# Ends what still runs, however this ends.
declare -A running=()
failed=0
temporary=
end() {
  if [ "${#running[@]}" -gt 0 ]; then kill "${running[@]}" 2>/dev/null || true; fi
  if [ -n "$temporary" ]; then rm -rf "$temporary"; fi
}
trap end EXIT
if [ -z "$folder" ]; then
  temporary=$(mktemp -d)
  folder=$temporary
fi

# fuzz NAME OPTION... starts one.
fuzz() {
  local name=$1
  shift
  local options=("$@")
  # Some inputs are made of choices, for which there is no dictionary.
  if [ -e "tests/fuzz/$name.dict" ]; then options+=("-dict=tests/fuzz/$name.dict"); fi
  mkdir -p "$folder/$name"
  "bazel-bin/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" \
    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 "${options[@]}" \
    "$folder/$name" "tests/fuzz/corpus/$name" >"$folder/$name.log" 2>&1 &
  running[$name]=$!
}

# Waits for those that run, and shows what they say.
finish() {
  local name
  for name in "${!running[@]}"; do
    wait "${running[$name]}" || failed=1
    echo "== $name"
    # Without the list of functions that were reached, and of words.
    grep -avE '^\s*NEW_FUNC|# Uses: |^#+ ' "$folder/$name.log" || true
  done
  running=()
}

# Two at a time, on two processors.
fuzz codec -max_len=4000 -timeout=10
# Leaks are looked for at the end: while threads serve, every input looks like
# one.
fuzz http -max_len=8000 -timeout=20 -detect_leaks=0 -entropic=0
finish
fuzz policy -max_len=12000 -timeout=10
# The first sequence makes the policies that break a rule, which takes a while.
fuzz sequence -max_len=4000 -timeout=60
finish
exit "$failed"
