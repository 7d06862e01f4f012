#!/usr/bin/env bash
# Installs what tests/clients/js needs, into its node_modules: exactly what its
# package-lock.json names, each held to its checksum; no script of a package runs.
# The node and npm on the PATH do it; where one is missing, Debian's are installed
# first. An older node than 18 is refused: the packages do not run on it. Beside the
# packages it leaves a copy of the lock file, by which it knows that all is there, and
# a link to node for the test.
# Says what it installs; silent, and quick, when all is there.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top/tests/clients/js"

node_major_min=18
# is_recent NODE
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
