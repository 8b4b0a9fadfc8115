#!/usr/bin/env bash
# Measures the echo server beside others: baselines in C, SwiftNIO, FlyingSocks, libuv and uvloop. Installs what is
# missing, builds all of them, checks that each is correct, and prints the tables; writes them, with charts, to
# Benchmarks/RESULTS.md. From any directory:
#   Scripts/bench.sh            everything but build times: half an hour
#   Scripts/bench.sh --full     build times too
#   Scripts/bench.sh --quick    the main table: two minutes after building
#   Scripts/bench.sh --help     the other options
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
cd -- "$root"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
need python3 command -v python3
need binutils command -v strip
need util-linux command -v taskset
need liburing-dev test -e /usr/include/liburing.h
need libuv1-dev test -e /usr/include/uv.h
need valgrind command -v valgrind
need_from_pypi uvloop 0.22.1 python3 -c 'import uvloop'

# The toolchain's own, so that C and Swift have the same optimizer.
clang=$(toolchain)/clang
scratch=.build-benchmarks
mkdir -p -- "$scratch/c"

# compile_c NAME OPTION...
compile_c() {
  local name=$1
  shift
  timeout 120 "$clang" -std=gnu17 -O2 -Wall -Wextra -Werror "Benchmarks/C/${name%.so}.c" -o "$scratch/c/$name" "$@"
}

echo 'building the servers (the first time takes minutes)'
build --quiet --configuration release --product echo-server
build --quiet --configuration release --product echo-client
compile_c epoll
compile_c threads -pthread
compile_c io_uring -luring
compile_c libuv -luv
compile_c udp
compile_c count_allocations.so -shared -fPIC
# Without its peers ours is measured all the same; the tables say which are missing.
timeout 1200 swift build --quiet --package-path Benchmarks --scratch-path "$scratch" --configuration release ||
  echo 'not all peers could be built (see above)' >&2

timeout 10800 python3 Benchmarks/runner --clang "$clang" "$@"
