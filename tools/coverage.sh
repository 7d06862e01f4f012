#!/usr/bin/env bash
# Measures how much of state_machine/ and validation/ their own tests and the engine's
# run:
#   tools/coverage.sh [--mcdc] [--install]
# Measures lines and branches with the default clang; both must be 100 %. --mcdc adds
# decision coverage (MC/DC), which needs clang-19; --install installs that.
#
# Code that cannot run is between two comments in the source, UNCOVERED-BEGIN with the
# reason and UNCOVERED-END, and does not count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

suffix=
mcdc=()
abi=()
for argument in "$@"; do
  case $argument in
    --mcdc)
      suffix=-19
      mcdc=(-fcoverage-mcdc)
      # The system's libraries were built with this ABI; later compilers name some
      # templates differently.
      abi=(--copt=-fclang-abi-compat=17)
      ;;
    --install)
      tools/install_packages.sh tools/debian_packages_mcdc.txt
      ;;
    *)
      echo "usage: tools/coverage.sh [--mcdc] [--install]" >&2
      exit 2
      ;;
  esac
done
for program in "clang++$suffix" "llvm-cov$suffix" "llvm-profdata$suffix"; do
  if ! command -v "$program" >/dev/null; then
    echo "coverage.sh: there is no $program; tools/debian_packages_ci.txt and" \
      "tools/debian_packages_mcdc.txt (--install) name its packages" >&2
    exit 1
  fi
done

mapfile -t tests < <(
  sed -nE 's|^    Test\("(tests/[a-z_]+)/([a-z0-9_]+)".*|\1:\2|p' tools/mutate.py |
    sort -u)
[ "${#tests[@]}" -gt 10 ]

flags=-fprofile-instr-generate,-fcoverage-mapping${mcdc:+,${mcdc[0]}}
./bazelw build "--action_env=CC=clang$suffix" "--action_env=CXX=clang++$suffix" \
  "--repo_env=CC=clang$suffix" "--repo_env=CXX=clang++$suffix" \
  "--per_file_copt=^(glue_security/(state_machine|validation)|tests/state_machine)/.*\\.cc\$@$flags" \
  "--per_file_copt=^(glue_security|tests)/.*\\.cc\$@-Wno-error" \
  "${abi[@]}" --linkopt=-fprofile-instr-generate --dynamic_mode=off --force_pic \
  --noshow_progress --ui_event_filters=-info "${tests[@]/#///}" 2>&1 |
  grep -v linux-sandbox || [ "${PIPESTATUS[0]}" -eq 0 ]

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
objects=()
for test in "${tests[@]}"; do
  binary=bazel-bin/${test/://}
  GLUE_SECURITY_SHORT_TESTS=1 GLUE_SECURITY_SEED=1 \
    LLVM_PROFILE_FILE=$folder/${test//[\/:]/_}.profraw \
    "$binary" >"$folder/log" 2>&1 || { tail -n 50 "$folder/log"; exit 1; }
  objects+=(-object "$binary")
done
"llvm-profdata$suffix" merge -sparse "$folder"/*.profraw -o "$folder/profile"
export_as() {
  "llvm-cov$suffix" export "-format=$1" -instr-profile "$folder/profile" \
    "${objects[@]:1}" -path-equivalence="/proc/self/cwd,$PWD" \
    -ignore-filename-regex='^/usr/|tests/|bazel-out/' 2>"$folder/log" ||
    { cat "$folder/log"; exit 1; }
}
export_as lcov >"$folder/lcov"
export_as text >"$folder/json"
tools/coverage_report.py "$folder/lcov" "$folder/json"
