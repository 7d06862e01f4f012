#!/usr/bin/env bash
# Runs clang-tidy on the given files, or on the product's sources and the examples. The
# testing kit, the tests and the benchmarks are left out, since they would take several
# times as long. A header is checked with the sources that include it; a header of the
# product that no source includes is an error.
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
xargs -d '\n' -P "$(nproc)" -I{} clang-tidy --quiet {} -- "${flags[@]}" <<<"$files"
