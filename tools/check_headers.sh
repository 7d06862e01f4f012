#!/usr/bin/env bash
# Checks that every header of this project compiles alone. The build of a source shows
# this for its first include; the other headers are compiled here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
headers=$(tools/source_files.sh '*.h')
sources=$(tools/source_files.sh '*.cc')
mapfile -t sources <<<"$sources"
shown=$(awk '/^#include/ { gsub(/"/, "", $2); print $2; nextfile }' "${sources[@]}")
alone=$(grep -vxFf <(printf '%s\n' "$shown") <<<"$headers" || true)
flags=$(tools/compile_flags.sh)
mapfile -t flags <<<"$flags"
if [ -n "$alone" ]; then
  xargs -d '\n' -P "$(nproc)" -I{} g++ "${flags[@]}" -Wall -Wextra -Werror \
    -fsyntax-only -x c++ {} <<<"$alone"
fi
