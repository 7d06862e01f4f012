#!/usr/bin/env bash
# Makes the package for Node.js:
#   tools/node_package.sh [--whole] [OUT]
#   tools/node_package.sh [--whole] --folder FOLDER
# The first packs it as a tarball into the folder OUT, by default dist, which npm installs
# without a network. The second leaves the package in FOLDER. One addon serves Node.js 18
# and later. tools/carry_libraries.sh says which libraries the package carries; with
# --whole "-whole" is in the name of the tarball.
# It needs a C compiler, npm, and the headers of Node-API, which are among the packages
# that tools/install_npm_packages.sh installs.
set -euo pipefail

whole=()
kind=
if [ "${1:-}" = --whole ]; then
  whole=(--whole)
  kind=-whole
  shift
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
pack=true
if [ "${1:-}" = --folder ]; then
  pack=false
  shift
  mkdir -p "$1"
  folder=$(cd "$1" && pwd)
else
  mkdir -p "${1:-dist}"
  out=$(cd "${1:-dist}" && pwd)
  folder=$work
fi
if [ -n "${GLUE_SECURITY_LIBRARIES:-}" ]; then
  GLUE_SECURITY_LIBRARIES=$(cd "$GLUE_SECURITY_LIBRARIES" && pwd)
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.."

modules=$(readlink -f tests/clients/js/package.json)
headers=${modules%/package.json}/node_modules/node-api-headers/include
if ! [ -e "$headers/node_api.h" ]; then
  tools/install_npm_packages.sh
fi
mkdir -p "$folder/lib" "$folder/native"
cp -L LICENSE node/package.json node/index.* "$folder"
cp -L node/lib/*.js "$folder/lib"
"${CC:-cc}" -std=gnu99 -O2 -Wall -Wextra -Wshadow -Werror -DNAPI_VERSION=8 -fPIC -shared \
  -fvisibility=hidden -I. -isystem "$headers" node/addon.c -s \
  -o "$folder/native/glue_security.node"
tools/carry_libraries.sh "${whole[@]}" "$folder/native"
"$pack" || exit 0

(cd "$folder" && npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null)
for tarball in "$work"/glue-security-*.tgz; do
  name=$(basename "$tarball" .tgz)$kind.tgz
  mv "$tarball" "$out/$name"
  echo "$out/$name"
done
