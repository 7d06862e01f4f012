#!/usr/bin/env bash
# Runs clang-tidy on the given files, or on the product's sources and the examples. The
# testing kit, the tests and the benchmarks are left out, since they would take several
# times as long. A header is checked with the sources that include it; a header of the
# product that no source includes is an error.
#
# Most of the time goes into the headers of the system, so that the sources of a folder
# are checked as one. Where that finds something, or where they cannot be compiled as one,
# each of them is checked alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "$#" -gt 0 ]; then
  files=$(printf '%s\n' "$@")
else
  files=$(tools/source_files.sh 'glue_security/*.cc' 'examples/*.cc' ':!glue_security/testing')
fi
flags=$(tools/compile_flags.sh)
mapfile -t flags <<<"$flags"
if [ "$#" -eq 0 ]; then
  headers=$(tools/source_files.sh 'glue_security/*.h' ':!glue_security/testing')
  includes=$(printf '%s\n' "$files" "$headers" | { xargs -d '\n' grep -h '^#include "' || true; })
  while read -r header; do
    if ! grep -qF "\"$header\"" <<<"$includes"; then
      echo "$header: no source includes it, so that clang-tidy does not see it" >&2
      exit 1
    fi
  done <<<"$headers"
fi

# Checks the sources that a list in a file names: check_together LIST.
check_together() {
  local list=$1
  if [ "$(wc -l <"$list")" -gt 1 ]; then
    sed 's|.*|#include "&"  // NOLINT(bugprone-suspicious-include)|' "$list" >"$list.cc"
    if clang-tidy --quiet --config-file=.clang-tidy "$list.cc" -- "${flags[@]}" \
      >"$list.log" 2>&1; then
      return 0
    fi
    echo "$(dirname "$(head -n 1 "$list")"): not clean as one; checking each source alone"
  fi
  local failed=0 file
  while read -r file; do
    clang-tidy --quiet "$file" -- "${flags[@]}" || failed=1
  done <"$list"
  return "$failed"
}

# Puts up to ten sources of a folder on one list; a program of one source, and each
# example, goes alone.
lists=$(mktemp -d)
trap 'rm -rf "$lists"' EXIT
awk -v lists="$lists" '
  { folder = $0; sub(/\/[^\/]*$/, "", folder) }
  { is_program = 0; while ((getline line < $0) > 0) if (line ~ /^int main\(/) is_program = 1; close($0) }
  is_program || folder == "examples" { print > (lists "/" ++count); next }
  !(folder in list) || size[folder] == 10 { list[folder] = ++count; size[folder] = 0 }
  { size[folder]++; print > (lists "/" list[folder]) }' <<<"$files"

# Starts with the longest list, so that the processors end at about the same time.
failed=0
running=0
for list in $(cd "$lists" && wc -l -- * | sort -rn | awk '$2 != "total" { print $2 }'); do
  if [ "$running" -ge "$(nproc)" ]; then
    wait -n || failed=1
    running=$((running - 1))
  fi
  check_together "$lists/$list" &
  running=$((running + 1))
done
while [ "$running" -gt 0 ]; do
  wait -n || failed=1
  running=$((running - 1))
done
exit "$failed"
