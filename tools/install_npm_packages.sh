#!/usr/bin/env bash
# Installs the packages of tests/clients/js into its node_modules: exactly those of
# package-lock.json, each with its checksum verified; no script of a package runs.
# Uses the node and npm on the PATH; installs Debian's when one is missing. Refuses a
# node older than 18, on which the packages do not run. Leaves a copy of the lock file
# beside the packages, by which the next run knows that they are installed, and a link
# to node for the test.
# Prints what it installs; silent and quick when everything is there.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top/tests/clients/js"

node_major_min=18
# Returns true for a node of version 18 or later: is_recent NODE
is_recent() {
  local major
  major=$("$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null) &&
    [[ "$major" =~ ^[0-9]+$ ]] && [ "$major" -ge "$node_major_min" ]
}

if [ -x node_modules/.node ] && is_recent node_modules/.node &&
  cmp -s package-lock.json node_modules/.installed_lock; then
  exit 0
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  "$top/tools/install_packages.sh" "$top/tools/debian_packages_npm.txt"
  hash -r
fi
if ! is_recent node; then
  echo "$(command -v node) is version $(node --version)," \
    "and $node_major_min or later is needed" >&2
  exit 1
fi
echo "installing the packages of tests/clients/js" >&2
rm -f node_modules/.installed_lock
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
ln -sfn "$(node -p process.execPath)" node_modules/.node
cp package-lock.json node_modules/.installed_lock
