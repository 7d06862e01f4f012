#!/usr/bin/env bash
# Prints the flags that a compiler needs for these sources outside Bazel, one per line.
# Builds the protos first, since their headers are generated.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
./bazelw build --show_result=0 --noshow_progress //proto/... \
  //glue_security/storage/etcd/proto/... >&2
printf '%s\n' -std=c++17 -I. -isystem bazel-bin
for folder in bazel-bin/proto/glue_security/v1/_virtual_imports/*; do
  printf '%s\n' -isystem "$folder"
done
