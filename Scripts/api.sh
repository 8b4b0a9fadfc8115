#!/usr/bin/env bash
# Compares the public API with that of the commit in .api-baseline: what a program that was written for that commit
# cannot find any more, or not as it was, is a break. One that is meant gets the commit that makes it into that file.
# From any directory: Scripts/api.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need git command -v git
baseline=$(grep -v '^#' -- "$root/.api-baseline")
git -C "$root" cat-file -e "$baseline^{commit}" 2>/dev/null ||
  stop "commit $baseline of .api-baseline is not in this repository: fetch all of its history"
timeout 1200 swift package --package-path "$root" --scratch-path "$root/.build-api" --disable-build-manifest-caching \
  diagnose-api-breaking-changes "$baseline" --products Sockets AsyncSockets SocketActivation ProxyProtocol
