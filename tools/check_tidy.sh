#!/usr/bin/env bash
# Runs clang-tidy over the files given, or over the product's sources without the
# testing kit, which would take as long again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -t flags < <(tools/compile_flags.sh)
if [ "$#" -gt 0 ]; then
  files=("$@")
else
  mapfile -t files < <(git ls-files 'glue_security/*.cc' 'examples/*.cc' ':!glue_security/testing')
fi
printf '%s\n' "${files[@]}" |
  xargs -P "$(nproc)" -I{} clang-tidy --quiet {} -- "${flags[@]}"
