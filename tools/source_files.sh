#!/usr/bin/env bash
# Prints the files of this project that match the given pathspecs of git, one a
# line, new ones included. Fails when there is none: a check that looks at nothing
# has found nothing out.
set -euo pipefail
files=$(git ls-files --cached --others --exclude-standard --deduplicate -- "$@")
if [ -z "$files" ]; then
  echo "no file matches $*" >&2
  exit 1
fi
printf '%s\n' "$files"
