#!/usr/bin/env bash
# Whether every header of ours compiles alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
headers=$(tools/source_files.sh '*.h')
flags=$(tools/compile_flags.sh)
mapfile -t flags <<<"$flags"
xargs -d '\n' -P "$(nproc)" -I{} g++ "${flags[@]}" -Wall -Wextra -Werror \
  -fsyntax-only -x c++ {} <<<"$headers"
