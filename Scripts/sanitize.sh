#!/usr/bin/env bash
# Runs the tests of the library and of the programs under AddressSanitizer, with the C helpers under
# UndefinedBehaviorSanitizer, then under ThreadSanitizer. (Tests/CSocketsTests/run.sh does so with the C tests.) From any
# directory: Scripts/sanitize.sh [address] [thread]
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_for_tests
tools=$(toolchain)

# run SANITIZER OPTION...: builds the tests and runs them as Scripts/test.sh does: those of the library one at a time, then
# those of the programs, which have the sanitizer in them too. A build of its own for each; the cache of build descriptions
# has been seen to be lost between building and testing. Where the options ask for it, what they reach is kept.
run() {
  local sanitizer=$1 scratch=$root/.build-$1
  shift
  local options=(--package-path "$root" --scratch-path "$scratch" --sanitize "$sanitizer"
    --disable-build-manifest-caching "$@")
  timeout 900 swift build "${options[@]}" --build-tests >"$work/build" 2>&1 || {
    tail -n 40 -- "$work/build"
    return 1
  }
  rm -rf -- "$scratch/reached"
  tests --no-parallel \
    --filter '^(SocketsTests|AsyncSocketsTests|EchoSupportTests|SocketActivationTests|ProxyProtocolTests)\.' &&
    tests --filter '^EchoTests\.' "${programs[@]}"
}

# tests OPTION...: runs some of the tests that run has built.
tests() {
  timeout 900 swift test "${options[@]}" --skip-build "$@" >"$work/tests" 2>&1 || {
    grep -e '✘' -e 'ERROR: ' -e 'WARNING: ThreadSanitizer' -e '^ *#[0-9]' -e SUMMARY -- "$work/tests" | head -n 100
    return 1
  }
  grep 'Test run with' -- "$work/tests"
  # Programs that the tests start write down too what they reach; the next run would remove it.
  local profiles=("$scratch"/debug/codecov/*.profraw)
  [ -e "${profiles[0]}" ] || return 0
  mkdir -p -- "$scratch/reached"
  "$tools/llvm-profdata" merge -sparse "${profiles[@]}" -o "$(mktemp -p "$scratch/reached" --suffix=.profdata)"
}

# leaks: begins and ends servers with clients coming, each of which looks at its end for memory that it has lost.
leaks() {
  LLVM_PROFILE_FILE=/dev/null ASAN_OPTIONS=detect_leaks=1 timeout 600 python3 "$root/Tests/Faults/runner" \
    --programs "$root/.build-address/debug" lifecycle
}

# The test framework has memory at the end that nobody lets go of. For leaks there are the programs.
export ASAN_OPTIONS=detect_leaks=0
export TSAN_OPTIONS=suppressions=$root/Scripts/tsan.supp
[ "$#" -gt 0 ] || set -- address thread
for sanitizer; do
  programs=()
  case $sanitizer in
  address)
    # What is reached is written down at a program's end, by calls that this test has fail.
    programs=(--skip InterruptionTests/interruptedClient)
    check 'AddressSanitizer' run address --enable-code-coverage -Xcc -fsanitize=undefined -Xcc -fsanitize-trap=undefined
    check 'AddressSanitizer, leaks' leaks
    ;;
  thread)
    # It starts a thread of its own beside a program's first, and to name what a report is about, be it a suppressed one,
    # another program, over pipes: three tests would take these for the program's.
    programs=(--skip ProcessTests/loops --skip ProcessTests/noLeak --skip LimitTests/refused)
    check 'ThreadSanitizer' run thread
    ;;
  *) stop "'$sanitizer': there are address and thread" ;;
  esac
done
finish
