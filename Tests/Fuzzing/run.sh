#!/usr/bin/env bash
# Fuzzes what reads text, the kernel's messages and PROXY headers, and calls on a pair of sockets, each for so many seconds
# (8); then compares the parsers with Python's. What is found is kept in .build-fuzzing/found. From any directory:
# Tests/Fuzzing/run.sh [SECONDS]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
seconds=${1:-8}
case $seconds in '' | *[!0-9]*) stop "not a number of seconds: $seconds" ;; esac
need_swift
need python3 command -v python3

scratch=$root/.build-fuzzing
mkdir -p -- "$scratch/found"
# The compiler takes the last of several -sanitize for all. Without dead code the linker drops the tables of coverage.
fuzzing=(--sanitize fuzzer --sanitize address -Xswiftc -sanitize=fuzzer,address -Xswiftc -enable-testing
  --disable-dead-strip --scratch-path "$scratch/fuzzers")

# compile PRODUCT OPTION...: builds a product, and says where it is.
compile() {
  local product=$1
  shift
  timeout 900 swift build --package-path "$here" -c release --product "$product" "$@" >"$work/build" 2>&1 || {
    cat -- "$work/build" >&2
    stop "$product does not build (see above)"
  }
}

# seeds NAME: writes the corpus in the tree, one line for each input, as the files that the fuzzer takes.
seeds() {
  python3 - "$here/Corpus/$1" "$work/seeds-$1" <<'END'
import os, sys
source, target = sys.argv[1:]
os.mkdir(target)
for number, line in enumerate(open(source)):
    line = line.rstrip("\n")
    with open(f"{target}/{number}", "wb") as file:
        file.write(bytes.fromhex(line) if source.endswith(".hex") else line.encode())
END
}

# fuzz PRODUCT CORPUS OPTION...: what it finds by the way is kept from run to run, outside of the tree.
fuzz() {
  local product=$1 corpus=$2 status=0
  shift 2
  compile "$product" "${fuzzing[@]}"
  seeds "$corpus"
  mkdir -p -- "$scratch/corpus-$product"
  # Its backtraces would come between the fuzzer and the signal. Leaks are looked for in the tests.
  SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 timeout $((seconds + 120)) \
    "$(swift build --package-path "$here" -c release "${fuzzing[@]}" --show-bin-path)/$product" \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1 \
    -artifact_prefix="$scratch/found/" "$@" "$scratch/corpus-$product" "$work/seeds-$corpus" >"$work/fuzz" 2>&1 ||
    status=$?
  if [ "$status" -ne 0 ]; then
    grep -v -e ' NEW ' -e ' REDUCE ' -e ' pulse ' -- "$work/fuzz" | tail -n 60
    return "$status"
  fi
  sed -nE 's/^#[0-9]+.*DONE +cov: ([0-9]+).*/\1 edges covered/p; s/^stat::number_of_executed_units: */inputs: /p' "$work/fuzz"
}

check 'text' fuzz text-fuzzer text.txt -max_len=512 -dict="$here/Corpus/text.dict"
check 'messages' fuzz message-fuzzer message.hex -max_len=512
check 'PROXY headers' fuzz header-fuzzer header.hex -max_len=600
check 'calls on a pair' fuzz pair-fuzzer pair.hex -max_len=400
compile parse --scratch-path "$scratch/parse"
check "the parsers beside Python's" timeout $((seconds + 60)) python3 "$here/ipaddresses.py" \
  "$(swift build --package-path "$here" -c release --scratch-path "$scratch/parse" --show-bin-path)/parse" \
  $((20000 * (seconds < 100 ? seconds : 100) / 8))
finish
