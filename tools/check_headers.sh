#!/usr/bin/env bash
# Whether every header of ours compiles alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t flags < <(tools/compile_flags.sh)
git ls-files 'glue_security/*.h' 'tests/*.h' |
  xargs -P "$(nproc)" -I{} g++ "${flags[@]}" -Wall -Wextra -Werror \
    -fsyntax-only -x c++ {}
