#!/usr/bin/env bash
# Installs the missing ones of the Debian 12 packages in the given lists:
#   tools/install_packages.sh tools/debian_packages.txt ...
# Prints what it installs; silent when nothing is missing.
set -euo pipefail

mapfile -t wanted < <(grep -hvE '^[[:space:]]*(#|$)' "$@")

fail() {
  echo "$1" >&2
  echo "these Debian 12 packages are needed: ${wanted[*]}" >&2
  exit 1
}

release=$(. /etc/os-release 2>/dev/null && echo "${ID:-}-${VERSION_ID:-}" || true)
[ "$release" = debian-12 ] || fail "this is not Debian 12; install what is needed yourself"

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null ||
    fail "packages are missing, and this is neither root nor a user with sudo: ${missing[*]}"
  as_root=(sudo)
fi
echo "installing ${missing[*]}" >&2
# The package of etcd starts a service of the machine. The tests start their own.
if [[ " ${missing[*]} " == *" etcd-server "* && ! -e /etc/systemd/system/etcd.service ]]; then
  "${as_root[@]}" mkdir -p /etc/systemd/system
  "${as_root[@]}" ln -sf /dev/null /etc/systemd/system/etcd.service
fi
"${as_root[@]}" apt-get update -qq >&2

# The package of PostgreSQL makes a database and starts it, but for this file. Tests
# start servers of their own. A later installation by hand behaves as usual.
if [[ " ${missing[*]} " == *" postgresql-"* ]]; then
  folder=/etc/postgresql-common/createcluster.d
  "${as_root[@]}" mkdir -p "$folder"
  echo 'create_main_cluster = false' |
    "${as_root[@]}" tee "$folder/no_database_for_tests.conf" >/dev/null
  trap '"${as_root[@]}" rm -f "$folder/no_database_for_tests.conf"' EXIT
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
