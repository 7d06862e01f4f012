#!/usr/bin/env bash
# Makes the wheel of the Python package, without a network:
#   tools/python_wheel.sh [--whole] [OUT]
# It goes into the folder OUT, by default dist. It needs the shared libraries of Debian 12
# that //glue_security/capi is linked with. With --whole it carries them, too, and needs
# only the C and the C++ library; the build number of its name is then 1whole.
# GLUE_SECURITY_LIBRARIES=FOLDER takes the two libraries from there and builds none.
set -euo pipefail

whole=false
if [ "${1:-}" = --whole ]; then
  whole=true
  shift
fi
mkdir -p "${1:-dist}"
out=$(cd "${1:-dist}" && pwd)
libraries=${GLUE_SECURITY_LIBRARIES:-}
libraries=${libraries:+$(cd "$libraries" && pwd)}
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ -z "$libraries" ]; then
  ./bazelw build --config=opt --noshow_progress --ui_event_filters=-info \
    //glue_security/capi:libglue_security_c.so.0 \
    //glue_security/capi:libglue_security.so.0.1.0 >&2
  libraries=$PWD/bazel-bin/glue_security/capi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/glue_security/lib"
cp -L python/setup.py LICENSE "$work"
cp -L python/glue_security/*.py python/glue_security/py.typed "$work/glue_security"
lib=$work/glue_security/lib
for name in libglue_security_c.so.0 libglue_security.so.0.1.0; do
  cp -L "$libraries/$name" "$lib"
  chmod u+w "$lib/$name"
  strip --strip-unneeded "$lib/$name"
done

# Copies a library of Debian and the licence of its package: carry NAME PATH.
carry() {
  local package
  cp -L "$2" "$lib/$prefix$1"
  package=$(dpkg-query -S "$2" 2>/dev/null || dpkg-query -S "/usr$2")
  package=${package%%:*}
  cp -L "/usr/share/doc/$package/copyright" "$lib/copyright-$package.txt"
}

number=()
if "$whole"; then
  number=(--build-number=1whole)
  # With names of their own the libraries are not mistaken for others of the process.
  prefix=glue-security-
  # Leaves out the C and the C++ library, which a process has only once.
  system='^(linux-vdso|ld-linux-.*|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s))\.so'
  ldd "$lib/libglue_security.so.0.1.0" >"$work/needed.txt"
  if grep 'not found' "$work/needed.txt" >&2; then exit 1; fi
  renamed=()
  while read -r name _ path _; do
    if [[ $path = /* && ! $name =~ $system ]]; then
      carry "$name" "$path"
      renamed+=(--replace-needed "$name" "$prefix$name")
    fi
  done <"$work/needed.txt"
  chmod u+w "$lib"/*
  for library in "$lib/$prefix"*; do
    patchelf --set-soname "$(basename "$library")" "$library"
  done
  patchelf "${renamed[@]}" "$lib"/*.so.*
  # RPATH is searched before LD_LIBRARY_PATH, as RUNPATH is not.
  patchelf --force-rpath --set-rpath "\$ORIGIN" "$lib"/*.so.*
fi

(cd "$work" && /usr/bin/python3 setup.py --quiet bdist_wheel "${number[@]}" \
  --dist-dir "$work/dist" 2>"$work/said.txt") || {
  cat "$work/said.txt" >&2
  exit 1
}
for wheel in "$work"/dist/*.whl; do
  mv "$wheel" "$out"
  echo "$out/$(basename "$wheel")"
done
