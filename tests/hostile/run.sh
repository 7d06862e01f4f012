#!/usr/bin/env bash
# Makes a long campaign: tests/hostile/run.sh SECONDS [plain|asan|tsan] [ARGUMENT...]
#
# Builds the server and the attacks on the library (asan includes the undefined-behavior
# sanitizer), attacks for SECONDS, and adds a line of JSON for each attack to
# hostile-BUILD.jsonl, for tools/reliability_table.py. The other arguments go to
# campaign.py: --seed N, --only NAME, --scale X.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

seconds=${1:?"tests/hostile/run.sh SECONDS [plain|asan|tsan] [ARGUMENT...]"}
build=${2:-plain}
shift $(($# < 2 ? $# : 2))
case $build in
plain) flags=(--compilation_mode=opt) ;;
asan) flags=(--config=asan) ;;
tsan) flags=(--config=tsan) ;;
*)
  echo "tests/hostile/run.sh: there is no build $build" >&2
  exit 2
  ;;
esac

server=//glue_security/server/binary:glue-security-server
library=//tests/hostile:library_campaign
./bazelw build "${flags[@]}" "$server" "$library"
bin=$(./bazelw info "${flags[@]}" bazel-bin)
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1
exec /usr/bin/python3 tests/hostile/campaign.py \
  "$bin/glue_security/server/binary/glue-security-server" \
  --library "$bin/tests/hostile/library_campaign" \
  --seconds "$seconds" --report "hostile-$build.jsonl" "$@"
