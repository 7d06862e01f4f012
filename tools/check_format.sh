#!/usr/bin/env bash
# Fails when clang-format would change a file; with --fix it changes the files.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
files=$(tools/source_files.sh '*.h' '*.c' '*.cc' '*.proto')
mapfile -t files <<<"$files"
if [ "${1:-}" = --fix ]; then
  clang-format -i "${files[@]}"
else
  clang-format --dry-run -Werror "${files[@]}"
fi
