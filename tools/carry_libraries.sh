#!/usr/bin/env bash
# Puts the shared libraries of //glue_security/capi, stripped, into a folder of a package
# that carries them:
#   tools/carry_libraries.sh [--whole] FOLDER
# They need the libraries of Debian 12 that they are linked with. With --whole these are
# put beside them, with the licences of their packages, and only the C and the C++ library
# are needed then.
# GLUE_SECURITY_LIBRARIES=FOLDER takes the two libraries from there and builds none.
set -euo pipefail

whole=false
if [ "$1" = --whole ]; then
  whole=true
  shift
fi
lib=$(cd "$1" && pwd)
libraries=${GLUE_SECURITY_LIBRARIES:-}
libraries=${libraries:+$(cd "$libraries" && pwd)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -z "$libraries" ]; then
  ./bazelw build --config=opt --noshow_progress --ui_event_filters=-info \
    //glue_security/capi:libglue_security_c.so.0 \
    //glue_security/capi:libglue_security.so.0.1.0 >&2
  libraries=$PWD/bazel-bin/glue_security/capi
fi
for name in libglue_security_c.so.0 libglue_security.so.0.1.0; do
  cp -L "$libraries/$name" "$lib"
  chmod u+w "$lib/$name"
  strip --strip-unneeded "$lib/$name"
done
"$whole" || exit 0

# With names of their own the libraries are not mistaken for others of the process.
prefix=glue-security-
# Leaves out the C and the C++ library, which a process has only once.
system='^(linux-vdso|ld-linux-.*|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s))\.so'
needed=$(ldd "$lib/libglue_security.so.0.1.0")
if grep 'not found' <<<"$needed" >&2; then exit 1; fi
renamed=()
paths=()
while read -r name _ path _; do
  if [[ $path = /* && ! $name =~ $system ]]; then
    cp -L "$path" "$lib/$prefix$name"
    paths+=("$path" "/usr$path")
    renamed+=(--replace-needed "$name" "$prefix$name")
  fi
done <<<"$needed"
# Asks for all paths at once, since one question takes as long as many. A package knows one
# of two names of a path.
{ dpkg-query -S "${paths[@]}" 2>/dev/null || true; } | cut -d: -f1 | sort -u |
  while read -r package; do
    cp -L "/usr/share/doc/$package/copyright" "$lib/copyright-$package.txt"
  done
chmod u+w "$lib"/*
for library in "$lib/$prefix"*; do
  patchelf --set-soname "$(basename "$library")" "$library"
done
patchelf "${renamed[@]}" "$lib"/*.so.*
# RPATH is searched before LD_LIBRARY_PATH, as RUNPATH is not.
patchelf --force-rpath --set-rpath "\$ORIGIN" "$lib"/*.so.*
