#!/usr/bin/env bash
# Runs each fuzz target for the given time:
#   tools/fuzz.sh SECONDS [FOLDER]
# The targets start from the checked-in corpora. New inputs go to a folder for each
# target within FOLDER, or are dropped. An input that fails is left in the current
# folder and reported.
set -euo pipefail
seconds=${1:?"usage: tools/fuzz.sh SECONDS [FOLDER]"}
folder=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# The build of the address sanitizer has what fuzzing needs.
./bazelw build --config=asan --noshow_progress --ui_event_filters=-info \
  //tests/fuzz:codec_fuzz //tests/fuzz:http_fuzz //tests/fuzz:keys_fuzz \
  //tests/fuzz:kms_fuzz //tests/fuzz:policy_fuzz //tests/fuzz:sealed_fuzz \
  //tests/fuzz:sequence_fuzz
# Ends the running targets, however this script ends.
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

# Starts a target: fuzz NAME OPTION...
fuzz() {
  local name=$1
  shift
  local options=("$@")
  # Some inputs are streams of choices, for which no dictionary exists.
  if [ -e "tests/fuzz/$name.dict" ]; then options+=("-dict=tests/fuzz/$name.dict"); fi
  mkdir -p "$folder/$name"
  "bazel-bin/tests/fuzz/${name}_fuzz" -max_total_time="$seconds" \
    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 "${options[@]}" \
    "$folder/$name" "tests/fuzz/corpus/$name" >"$folder/$name.log" 2>&1 &
  running[$name]=$!
}

# Waits for the running targets and prints their output.
finish() {
  local name
  for name in "${!running[@]}"; do
    wait "${running[$name]}" || failed=1
    echo "== $name"
    # Leaves out the lists of reached functions and of words.
    grep -avE '^\s*NEW_FUNC|# Uses: |^#+ ' "$folder/$name.log" || true
  done
  running=()
}

# Two targets run at a time, on two processors.
fuzz codec -max_len=4000 -timeout=10
# Leaks are detected only at the end: while threads serve, every input seems to leak.
fuzz http -max_len=8000 -timeout=20 -detect_leaks=0 -entropic=0
finish
fuzz policy -max_len=12000 -timeout=10
# The first sequence makes the policies that break a rule, which takes long.
fuzz sequence -max_len=4000 -timeout=60
finish
fuzz keys -max_len=8000 -timeout=10
fuzz sealed -max_len=2000 -timeout=10
finish
fuzz kms -max_len=4000 -timeout=10
finish
exit "$failed"
