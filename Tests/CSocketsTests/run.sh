#!/usr/bin/env bash
# Checks the C layer: that its headers and sources compile cleanly with gcc and clang, that its tests pass, that a C and
# a C++ program work with it, that every helper has a comment and a symbol, and that a missing libbsd is named. From any
# directory: Tests/CSocketsTests/run.sh
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
# shellcheck source=headers.sh
source "$here/headers.sh"
# shellcheck source=talk.sh
source "$here/talk.sh"

# The clang of the Swift toolchain, where no other comes first.
swift=$(command -v swift || true)
if [ -n "$swift" ]; then PATH=$PATH:$(dirname -- "$(readlink -f -- "$swift")"); fi
need gcc command -v gcc
need g++ command -v g++
need clang command -v clang
need clang command -v clang++
need binutils command -v nm
need libbsd-dev test -e /usr/include/bsd/unistd.h

tests=$root/Tests/CSocketsTests
libbsd=$root/CShims/libbsd
flags=(-Wall -Wextra -Werror -Wstrict-aliasing=2 -O2 "-I$root/include")
declare -A cplusplus=([gcc]=g++ [clang]=clang++)
mkdir "$work/headers"
include_twice "$work/headers"

# _GNU_SOURCE is what Swift reads the headers with.
for compiler in gcc clang; do
  for unit in "$work"/headers/*.c; do
    name=$(basename -- "$unit" .c).h
    for standard in c11 c17; do
      check "$name alone, $compiler $standard" "$compiler" "-std=$standard" "${flags[@]}" -c "$unit" -o "$work/unit.o"
    done
    check "$name alone, $compiler c11 with _GNU_SOURCE" \
      "$compiler" -std=c11 -D_GNU_SOURCE "${flags[@]}" -c "$unit" -o "$work/unit.o"
    check "$name alone, ${cplusplus[$compiler]} c++17" \
      "${cplusplus[$compiler]}" -std=c++17 "${flags[@]}" -x c++ -c "$unit" -o "$work/unit.o"
  done
  for source in "$root"/CShims/*.c; do
    for standard in c11 c17; do
      check "$(basename -- "$source"), $compiler $standard" \
        "$compiler" "-std=$standard" "${flags[@]}" -c "$source" -o "$work/unit.o"
    done
  done
done

printf '#include "clibbsd.h"\n#include "clibbsd.h"\n' >"$work/clibbsd.c"
for standard in c11 c17; do
  check "clibbsd.h alone, clang $standard" \
    clang "-std=$standard" "${flags[@]}" "-I$libbsd" -c "$work/clibbsd.c" -o "$work/unit.o"
done

# says TEXT COMMAND...: whether a command fails and says so.
says() {
  local text=$1
  shift
  if "$@" >"$work/said" 2>&1; then
    echo "did not fail: $*"
    return 1
  fi
  if ! grep -qF -- "$text" "$work/said"; then
    cat "$work/said"
    return 1
  fi
}
check "clibbsd.h without libbsd says how to get it" \
  says "libbsd is missing: install it with 'apt-get install libbsd-dev', or build without the trait LibBSD" \
  clang -std=c11 -fsyntax-only -nostdinc "$libbsd/clibbsd.h"

# build PROGRAM COMPILER...: builds the tests (main.c and those it runs) or the program that knows only the symbols.
build() {
  local program=$1 source
  local -a sources=()
  shift
  for source in "$tests"/*.c; do
    if [ "$(basename -- "$source")" != symbols.c ]; then sources+=("$source"); fi
  done
  if [ "$program" = symbols ]; then sources=("$tests/symbols.c"); fi
  "$@" -std=c11 "${flags[@]}" -pthread "${sources[@]}" "$root"/CShims/*.c -o "$work/$program"
}

# build_and_run PROGRAM NAME COMPILER...
build_and_run() {
  local program=$1 name=$2
  shift 2
  rm -f -- "$work/$program"
  check "$program build with $name" build "$program" "$@"
  check "$program run, built with $name" "$work/$program"
}

sanitizers=(-g "-fsanitize=address,undefined" -fno-sanitize-recover=all)
for compiler in gcc clang; do
  build_and_run tests "$compiler" "$compiler"
  build_and_run symbols "$compiler" "$compiler"
done
echo 'int main(void) { return 0; }' >"$work/empty.c"
if gcc "${sanitizers[@]}" "$work/empty.c" -o "$work/empty" 2>/dev/null && "$work/empty"; then
  build_and_run tests 'gcc and sanitizers' gcc "${sanitizers[@]}"
  build_and_run symbols 'gcc and sanitizers' gcc "${sanitizers[@]}"
else
  echo 'skipped the sanitizers: gcc has no runtime for them here'
fi

# build_program SOURCE COMPILER...: builds a program that has nothing but the header and what is in CShims.
build_program() {
  local program=$work/programs/${1%.*}-$compiler source=$tests/programs/$1
  shift
  "$@" "${flags[@]}" "$source" "$work/programs/$compiler"/*.o -pthread -o "$program"
}

for compiler in gcc clang; do
  mkdir -p "$work/programs/$compiler"
  (cd "$work/programs/$compiler" && "$compiler" -std=c11 "${flags[@]}" -c "$root"/CShims/*.c)
  check "a server in C, $compiler" build_program echo.c "$compiler" -std=c11
  check "a client in C++, ${cplusplus[$compiler]}" build_program client.cpp "${cplusplus[$compiler]}" -std=c++17
done
for server in gcc clang; do
  for client in gcc clang; do
    check "a server by $server and a client by ${cplusplus[$client]}" \
      talk "$work/programs/echo-$server" "$work/programs/client-$client"
  done
done
check 'a client without a server says what is wrong' \
  says 'client: connect: No such file or directory (ENOENT)' "$work/programs/client-gcc" unix "$work/nobody.sock"

# What stands before each helper and each function, after the name that it has in Swift.
comments() {
  awk '/^CS_SWIFT_NAME\(/ { next }
       /^[^ #\/].*[ *]cs_[a-z0-9_]+\(/ { total++; if (before !~ /^\/\//) { missing++; print FILENAME ": " $0 } }
       { before = $0 }
       END { print total " helpers and functions"; exit !total || missing > 0 }' "$root"/include/csockets/*.h
}
check 'a comment before each helper and function' comments

# Every helper by the name that follows CS_INLINE and its type.
sed -nE 's/^CS_INLINE [^(]*[ *](cs_[a-z0-9_]+)\(.*/\1/p' "$root"/include/csockets/*.h | sort >"$work/helpers"
all_helpers_found() {
  local lines
  lines=$(cat "$root"/include/csockets/*.h | grep -c '^CS_INLINE ')
  echo "$(wc -l <"$work/helpers") names in $lines helpers"
  [ "$lines" -gt 0 ] && [ "$(sort -u "$work/helpers" | wc -l)" -eq "$lines" ]
}
helpers_have_symbols() {
  nm --defined-only --extern-only "$work/symbols.o" | awk '$2 == "T" { print $3 }' | sort >"$work/symbols"
  comm -23 "$work/helpers" "$work/symbols" | sed 's/^/no symbol: /' >"$work/missing"
  cat "$work/missing"
  [ ! -s "$work/missing" ]
}
check 'names of the helpers in the headers' all_helpers_found
for compiler in gcc clang; do
  rm -f -- "$work/symbols.o"
  "$compiler" -std=c11 "${flags[@]}" -c "$root/CShims/symbols.c" -o "$work/symbols.o" || true
  check "a symbol for each helper, $compiler" helpers_have_symbols
done

finish
