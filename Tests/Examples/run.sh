#!/usr/bin/env bash
# Builds the examples and runs them, each with real peers. From any directory: Tests/Examples/run.sh [TEST ...]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift
need python3 command -v python3
need socat command -v socat
need iproute2 command -v ip

options=(--package-path "$root/Examples" --scratch-path "$root/.build-examples")
timeout 900 swift build "${options[@]}" >"$work/output" 2>&1 || {
  cat -- "$work/output" >&2
  stop 'the examples do not build (see above)'
}
EXAMPLES=$(swift build "${options[@]}" --show-bin-path) PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here \
  timeout 600 python3 -m unittest "${@:-test_examples}"
