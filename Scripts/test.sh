#!/usr/bin/env bash
# Builds everything and runs the tests: those of the library and the programs, the count of allocations, packages that
# depend on this one, the examples among them, what is installed, and what happens to the programs when things go wrong.
# Installs what is missing.
# From any directory: Scripts/test.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_for_tests
need git command -v git

build --build-tests
# One test at a time: some start programs, and until such a program has begun it holds a copy of every descriptor, so
# that what another test closes meanwhile is not closed yet.
timeout 600 swift test --package-path "$root" --skip-build --no-parallel --filter 'SocketsTests|EchoSupportTests|SocketActivationTests|ProxyProtocolTests'
# These have their sockets in other processes.
timeout 900 swift test --package-path "$root" --skip-build --filter EchoTests
"$root/Tests/Allocations/run.sh"
"$root/Tests/Consumers/run.sh"
"$root/Tests/Examples/run.sh"
"$root/Tests/Install/run.sh"
"$root/Tests/Faults/run.sh"
"$root/Scripts/soak.sh" 30
