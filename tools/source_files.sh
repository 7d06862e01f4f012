#!/usr/bin/env bash
# Prints the files of this project that match the given git pathspecs, one per line, new
# files included. Fails when there is none: a check of no files would prove nothing.
set -euo pipefail
files=$(git ls-files --cached --others --exclude-standard --deduplicate -- "$@")
if [ -z "$files" ]; then
  echo "no file matches $*" >&2
  exit 1
fi
printf '%s\n' "$files"
