#!/usr/bin/env bash
# Builds the library with CMake, installs it into an empty folder, and uses it from
# there as another project would: tests/cmake_consumer, with several compilers and
# standards, and one command line with pkg-config. Makes a Debian package of it.
#   tools/check_cmake.sh [BUILD_FOLDER]
#
# A build folder that is given is kept, so that the next run builds only what changed.
# Clang builds the library, not optimised and with precompiled headers: with g++ it takes
# three times as long. Programs, HTTP and etcd are left out.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ $# -gt 0 ]; then
  mkdir -p "$1"
  build=$(cd "$1" && pwd)
else
  build=$(mktemp -d)
  trap 'rm -rf "$build"' EXIT
fi
prefix=$build/prefix
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
rm -rf "$prefix" "$build"/consumer-*

fail() {
  echo "$1" >&2
  exit 1
}

# Runs a command whose output is of interest only if it fails.
quietly() {
  if ! "$@" >"$build/log.txt" 2>&1; then
    cat "$build/log.txt" >&2
    fail "failed: $*"
  fi
}

say() { echo "$1 (after $SECONDS s)"; }

quietly cmake -S . -B "$build/library" -G Ninja -DCMAKE_INSTALL_PREFIX="$prefix" \
  -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DCMAKE_CXX_COMPILER=clang++ \
  -DGLUE_SECURITY_PRECOMPILE_HEADERS=ON \
  -DGLUE_SECURITY_WARNINGS_AS_ERRORS=ON -DGLUE_SECURITY_SQLITE=ON \
  -DGLUE_SECURITY_TESTING=ON -DGLUE_SECURITY_PROGRAMS=OFF \
  -DGLUE_SECURITY_SERVER=OFF -DGLUE_SECURITY_ETCD=OFF
quietly cmake --build "$build/library"
quietly cmake --install "$build/library"
say "installed"

# The headers in the prefix are those of the list, and include no other of ours.
absent='^glue_security/(client|encryption/http_kms|http|server|storage/etcd|testing/remote)/'
diff <(sed -n 's/^ *\(glue_security.*\.h\)[)]*$/\1/p' cmake/headers.cmake |
  grep -vE "$absent" | sort) \
  <(cd "$prefix/include" && find . -name '*.h' ! -name '*.pb.h' -printf '%P\n' | sort) ||
  fail "these headers are installed or missing against cmake/headers.cmake"
[ -z "$(cd "$prefix/include" && find . -type f ! -name '*.h')" ] ||
  fail "something that is not a header is among the headers"
grep -rhoE '#include "glue_security/[^"]+"' "$prefix/include" | cut -d'"' -f2 | sort -u |
  while read -r header; do
    [ -e "$prefix/include/$header" ] || fail "$header is included and not installed"
  done

# consumer COMPILER STANDARD: builds and tests the other project.
consumer() {
  local folder=$build/consumer-$1-$2
  quietly cmake -S tests/cmake_consumer -B "$folder" -G Ninja \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$1" -DCMAKE_CXX_STANDARD="$2" \
    -DCMAKE_CXX_STANDARD_REQUIRED=ON -DCMAKE_CXX_EXTENSIONS=OFF
  quietly cmake --build "$folder"
  quietly ctest --test-dir "$folder" --no-tests=error
  say "a consumer in C++$2 with $1"
}
consumer g++ 17
consumer g++ 20
consumer g++ 23
consumer clang++ 17
consumer clang++ 20
consumer clang++ 23

mapfile -t flags < <(PKG_CONFIG_PATH=$prefix/lib/pkgconfig:$prefix/lib64/pkgconfig \
  pkg-config --cflags --libs glue_security_engine | xargs -n 1)
quietly g++ tests/cmake_consumer/embed.cc "${flags[@]}" -o "$build/embed"
quietly "$build/embed"
say "a consumer with pkg-config"

# The package of the libraries names what it needs. That of the programs, which are left
# out here, is refused where nothing can tell what they need.
quietly env -C "$build/library" cpack -G DEB
deb=$(echo "$build"/library/libglue-security-dev_*.deb)
dpkg-deb --field "$deb" Depends | grep libabsl-dev >/dev/null ||
  fail "$deb does not say that it needs libabsl-dev"
dpkg-deb --contents "$deb" |
  grep '/usr/include/glue_security/engine/engine.h$' >/dev/null ||
  fail "$deb does not have the engine"
dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/doc/libglue-security-dev/copyright |
  grep '/usr/share/common-licenses/Apache-2.0' >/dev/null ||
  fail "the copyright in $deb does not say where the licence is"
dpkg-deb --fsys-tarfile "$deb" | tar -xO ./usr/share/doc/libglue-security-dev/changelog.gz |
  zcat | grep '^libglue-security-dev (.*) unstable; urgency=medium$' >/dev/null ||
  fail "the changelog in $deb is not one of Debian"
refusal=$(PATH=$build/none "$(command -v cmake)" -DCPACK_GENERATOR=DEB \
  -P cmake/cpack_check.cmake 2>&1) && fail "cpack is not refused without dpkg-dev"
[[ $refusal == *"needs Debian's packages dpkg-dev, file and help2man"* ]] || fail "$refusal"
# The manual page of a program.
staged=$build/staged/programs/usr/bin
rm -rf "$build/staged"
mkdir -p "$staged"
cp packaging/glue-security-health "$staged"
quietly cmake -DCPACK_GENERATOR=DEB -DCPACK_TEMPORARY_DIRECTORY="$build/staged" \
  -DCPACK_PACKAGE_VERSION=1.2.3 -DHELP2MAN_EXECUTABLE="$(command -v help2man)" \
  -DCPACK_GLUE_SECURITY_NAME_OF_glue-security-health="ask for its health" \
  -P cmake/debian_files.cmake
page=$(zcat "$staged/../share/man/man1/glue-security-health.1.gz")
for text in 'ask for its health' 'glue-security-health 1.2.3' '[\fI\,PORT\/\fR]' \
  'Asks the server of this machine'; do
  [[ $page == *"$text"* ]] || fail "the manual page has no \"$text\": $page"
done
say "a Debian package"

# As a part of another project: everything that it refers to is found.
quietly cmake -S tests/cmake_consumer/subproject -B "$build/consumer-subproject" -G Ninja
say "a consumer that adds the folder"
