#!/usr/bin/env bash
# Checks the style of the Swift and C sources, looks for mistakes in C, then checks the C layer, here and for other
# systems. From any directory: Scripts/lint.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
cd -- "$root"

need_swift
need_from_pypi clang-format 21.1.8 sh -c 'clang-format --version | grep -q "version 21"'
need_from_pypi clang-tidy 21.1.6 sh -c 'clang-tidy --version | grep -q "version 21"'
need libbsd-dev test -e /usr/include/bsd/unistd.h

check 'swift format lint' \
  swift format lint --strict --recursive --parallel --configuration .swift-format \
  Sources Tests Benchmarks Examples Package.swift
check 'clang-format' clang-format --dry-run --Werror --style=file \
  include/*.h include/csockets/*.h CShims/*.c CShims/libbsd/*.h Tests/CSocketsTests/*.[ch] \
  Tests/CSocketsTests/programs/* Tests/Allocations/Sources/CountedMalloc/*.c \
  Tests/Allocations/Sources/CountedMalloc/include/*.h Tests/Interop/*/*.[ch] Benchmarks/C/*.[ch]
# symbols.c has every helper of every header. The checks, and why some are left out, are in .clang-tidy.
check 'clang-tidy' clang-tidy --quiet CShims/*.c -- -std=c11 -Wall -Wextra -Iinclude
check 'clang-tidy, libbsd' clang-tidy --quiet CShims/libbsd/clibbsd.h -- -x c -std=c11 -Wall -Wextra -Iinclude

for script in run cross; do
  echo "Tests/CSocketsTests/$script.sh:"
  if "Tests/CSocketsTests/$script.sh"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done

echo 'lint, with the two scripts as one check each:'
finish
