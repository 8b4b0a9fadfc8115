#!/usr/bin/env bash
# Counts the allocations of the calls that must not make any. From any directory: Tests/Allocations/run.sh
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift

options=(--package-path "$here" --scratch-path "$root/.build-allocations" -c release)
timeout 900 swift build "${options[@]}" >"$work/output" 2>&1 || {
  cat -- "$work/output" >&2
  stop 'the package does not build (see above)'
}
timeout 120 "$(swift build "${options[@]}" --show-bin-path)/Allocations"
