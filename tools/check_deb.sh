#!/usr/bin/env bash
# Tries the Debian packages that `cpack -G DEB` has made, in a root of Debian 12 of its
# own: the programs run, another project is built from the libraries, and a component
# whose package is missing is told.
#   tools/check_deb.sh BUILD_FOLDER
#
# The build folder is one of the whole library, with programs and etcd. Needs to be root,
# mmdebstrap, and Debian's packages from the network; CI does not run it. lintian has the
# last word if it is there.
set -euo pipefail
[ $# = 1 ] || { sed -n '2,/^set /p' "$0" | sed '$d; s/^# \{0,1\}//' >&2; exit 2; }
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."
if [ "${IN_OWN_MOUNTS-}" != yes ]; then
  IN_OWN_MOUNTS=yes exec unshare --mount "$0" "$build"
fi

(cd "$build" && cpack -G DEB >/dev/null)
root=$(mktemp -d)
trap 'umount -l "$root/dev" "$root/proc"; rm -rf "$root"' EXIT
mmdebstrap --variant=minbase bookworm "$root" 2>/dev/null
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/work/tests"
cp "$build"/*.deb "$root/work"
cp -r tests/cmake_consumer "$root/work/tests"
cp -r examples "$root/work"

cat >"$root/work/try.sh" <<'TRY'
set -euo pipefail
cd /work
quietly() { "$@" >log.txt 2>&1 || { cat log.txt; exit 1; }; }
export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
# libgrpc++-dev alone is not enough for storage_etcd.
quietly apt-get install -y --no-install-recommends ./*.deb cmake g++ libgmock-dev \
  libgrpc++-dev libgtest-dev make man-db
for program in glue-conformance glue-policy glue-security-server glue-storage; do
  $program --version
  man $program >page.txt 2>&1
  grep -E "$program +- " page.txt >/dev/null
done
glue-security-server --port=0 --storage=sqlite:records --log=off >url.txt 2>log.txt &
server=$!
for _ in $(seq 100); do [ -s url.txt ] || sleep 0.1; done
glue-security-health "$(grep -oE '[0-9]+$' url.txt)"
kill $server
wait $server
glue-storage verify sqlite:records
quietly cmake -S tests/cmake_consumer -B consumer
quietly cmake --build consumer
quietly ctest --test-dir consumer --no-tests=error
mkdir etcd
cat >etcd/CMakeLists.txt <<'LISTS'
cmake_minimum_required(VERSION 3.23)
project(etcd LANGUAGES CXX)
find_package(glue_security CONFIG REQUIRED COMPONENTS storage_etcd)
LISTS
if cmake -S etcd -B etcd/build >log.txt 2>&1; then
  echo "storage_etcd is found without protobuf-compiler-grpc" && exit 1
fi
grep 'needed by a component: grpc_cpp_plugin' log.txt >/dev/null
quietly apt-get install -y --no-install-recommends protobuf-compiler-grpc
quietly cmake -S etcd -B etcd/build
quietly apt-get remove -y glue-security libglue-security-dev
[ -z "$(compgen -G '/usr/bin/glue*')" ]
TRY
chroot "$root" bash /work/try.sh
if command -v lintian >/dev/null; then
  lintian --fail-on error "$build"/*.deb
fi
echo "the packages can be used"
