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

# The examples, and the one that depends on other packages too.
programs=
for package in . Service; do
  options=(--package-path "$root/Examples/$package" --scratch-path "$root/.build-examples/$package")
  timeout 900 swift build "${options[@]}" >"$work/output" 2>&1 || {
    cat -- "$work/output" >&2
    stop 'the examples do not build (see above); if a package could not be fetched: is there a network?'
  }
  programs+=$(swift build "${options[@]}" --show-bin-path):
done
EXAMPLES=$programs PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$here timeout 600 python3 -m unittest "${@:-test_examples}"
