#!/usr/bin/env bash
# Makes the wheel of the Python package, without a network:
#   tools/python_wheel.sh [--whole] [OUT]
# It goes into the folder OUT, by default dist. tools/carry_libraries.sh says which
# libraries it carries; with --whole the build number of its name is 1whole.
set -euo pipefail

whole=()
number=()
if [ "${1:-}" = --whole ]; then
  whole=(--whole)
  number=(--build-number=1whole)
  shift
fi
mkdir -p "${1:-dist}"
out=$(cd "${1:-dist}" && pwd)
if [ -n "${GLUE_SECURITY_LIBRARIES:-}" ]; then
  GLUE_SECURITY_LIBRARIES=$(cd "$GLUE_SECURITY_LIBRARIES" && pwd)
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/glue_security/lib"
cp -L python/setup.py LICENSE "$work"
cp -L python/glue_security/*.py python/glue_security/py.typed "$work/glue_security"
tools/carry_libraries.sh "${whole[@]}" "$work/glue_security/lib"

(cd "$work" && /usr/bin/python3 setup.py --quiet bdist_wheel "${number[@]}" \
  --dist-dir "$work/dist" 2>"$work/said.txt") || {
  cat "$work/said.txt" >&2
  exit 1
}
for wheel in "$work"/dist/*.whl; do
  mv "$wheel" "$out"
  echo "$out/$(basename "$wheel")"
done
