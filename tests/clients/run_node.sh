#!/bin/sh
# Runs a JavaScript test in the source tree, with the node that
# tools/install_npm_packages.sh found, and for the tests in js/ with the packages that it
# put there. Exits with the test's status.
test=$(readlink -f "$1")
shift
folder=$(dirname "$(readlink -f "$0")")/js
modules=$folder/node_modules
if ! cmp -s "$folder/package-lock.json" "$modules/.installed_lock"; then
  echo "$modules is missing, or not what package-lock.json names:" >&2
  echo "run tools/install_npm_packages.sh first" >&2
  exit 1
fi
if ! [ -x "$modules/.node" ]; then
  echo "node is not where it was ($(readlink "$modules/.node")):" >&2
  echo "run tools/install_npm_packages.sh first" >&2
  exit 1
fi
exec "$modules/.node" "$test" "$@"
