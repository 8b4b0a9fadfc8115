#!/usr/bin/env bash
# Runs the tests of the library and of the programs under AddressSanitizer, with the C helpers under
# UndefinedBehaviorSanitizer, then under ThreadSanitizer. (Tests/CSocketsTests/run.sh does so with the C tests.) From any
# directory: Scripts/sanitize.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
need iproute2 command -v ip
need python3 command -v python3
need socat command -v socat
need strace command -v strace
need procps command -v ps
need haproxy command -v haproxy
need systemd test -x /usr/bin/systemd-socket-activate

# run SANITIZER OPTION...: builds the tests and runs them as Scripts/test.sh does: those of the library one at a time, then
# those of the programs, which have the sanitizer in them too. A build of its own for each; the cache of build descriptions
# has been seen to be lost between building and testing.
run() {
  local sanitizer=$1
  shift
  local options=(--package-path "$root" --scratch-path "$root/.build-$sanitizer" --sanitize "$sanitizer"
    --disable-build-manifest-caching "$@")
  timeout 900 swift build "${options[@]}" --build-tests >"$work/build" 2>&1 || {
    tail -n 40 -- "$work/build"
    return 1
  }
  # A report ends the run with a status of its own, and a trap of UndefinedBehaviorSanitizer with a signal.
  for tests in '--no-parallel ^(SocketsTests|AsyncSocketsTests|EchoSupportTests|SocketActivationTests|ProxyProtocolTests)\.' \
    '--parallel ^EchoTests\.'; do
    timeout 900 swift test "${options[@]}" --skip-build "${tests%% *}" --filter "${tests#* }" >"$work/tests" 2>&1 || {
      grep -e '✘' -e 'ERROR: ' -e 'WARNING: ThreadSanitizer' -e '^ *#[0-9]' -e SUMMARY -- "$work/tests" | head -n 100
      return 1
    }
    grep 'Test run with' -- "$work/tests"
  done
}

# The runtime and the test framework have memory at the end that nobody lets go of: leaks are looked for by tests that
# count descriptors and by Tests/Allocations.
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS=suppressions=$root/Scripts/tsan.supp
check 'AddressSanitizer' run address -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined
check 'ThreadSanitizer' run thread
finish
