#!/usr/bin/env bash
# Finds every planted defect, with RUNS runs each (11 by default), and writes the page
# docs/testing_kit/planted_defects.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./bazelw build --config=opt //tests/testing:planted_defects
bazel-bin/tests/testing/planted_defects --runs "${1:-11}" >docs/testing_kit/planted_defects.md
