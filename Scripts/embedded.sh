#!/usr/bin/env bash
# Builds the library as Embedded Swift, and with it an echo server that needs libc alone and has 16 KiB at most; then
# drives that with real clients. From any directory: Scripts/embedded.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
cd -- "$root"

need_swift
need binutils command -v strip
need libc6-dev test -e /usr/include/netinet/in.h
need python3 command -v python3
# The toolchain's own clang, whose bitcode its linker reads.
clang=$(toolchain)/clang
out=.build/embedded
program=$out/echo-server
limit=16384

mapfile -t features < <(
  sed -nE 's/^ +\.enable(Upcoming|Experimental)Feature\("([A-Za-z]+)"\).*/-enable-\L\1\E-feature\n\2/p' Package.swift)
[ "${#features[@]}" -gt 0 ] || stop 'Package.swift names no feature'
# As Package.swift has it.
swift=(
  swiftc -parse-as-library -swift-version 6 -wmo -Osize -strict-memory-safety -warnings-as-errors "${features[@]}"
  -enable-experimental-feature Embedded -package-name sockets -I include)
# For size: code is made where it is used (DeferredCodeGen), by the linker, which sees all of it and drops what nobody
# calls; checks that fail end in the same place; loops stay loops.
small=(
  -enable-experimental-feature DeferredCodeGen -lto=llvm-full -Xfrontend -mergeable-traps
  -Xllvm -sil-disable-pass=loop-unroll -Xcc -fno-asynchronous-unwind-tables)
# Of the C runtime only what calls main: there are no constructors, and nothing is unwound.
link=(
  swiftc -enable-experimental-feature Embedded -lto=llvm-full -use-ld=lld -Xclang-linker -nostartfiles
  -Xclang-linker -static-libgcc "$("$clang" -print-file-name=Scrt1.o)" -Xlinker --gc-sections -Xlinker --icf=all
  -Xlinker --build-id=none -Xlinker --no-eh-frame-hdr -Xlinker -z -Xlinker norelro)

rm -rf -- "$out"
mkdir -p -- "$out"

# compile_library OPTION...
compile_library() {
  find Sources/Sockets -name '*.swift' -print0 | sort -z |
    xargs -0 timeout 600 "${swift[@]}" "$@" -module-name Sockets -c
}

compile_program() {
  for source in CShims/*.c; do
    # It makes a symbol of every helper, for other languages.
    [ "$source" != CShims/symbols.c ] || continue
    "$clang" -Oz -flto -fPIE -Wall -Wextra -Werror -fno-asynchronous-unwind-tables -Iinclude -c "$source" \
      -o "$out/$(basename -- "$source" .c).o" || return
  done
  compile_library "${small[@]}" -emit-module -emit-module-path "$out/Sockets.swiftmodule" -o "$out/Sockets.o" || return
  timeout 600 "${swift[@]}" "${small[@]}" -I "$out" -module-name EchoServer -c -o "$out/EchoServer.o" \
    Sources/echo-server-embedded/*.swift || return
  timeout 600 "${link[@]}" "$out"/*.o -o "$program" || return
  strip --remove-section=.comment "$program"
}

is_small() {
  local size
  size=$(stat -c %s -- "$program")
  echo "$size bytes"
  [ "$size" -le "$limit" ]
}

# What it names itself; what libc brings is libc's business.
needs_libc_only() {
  readelf -d "$program" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p' >"$work/needed"
  cat -- "$work/needed"
  [ "$(cat -- "$work/needed")" = libc.so.6 ]
}

# All of it: what the program does not call would not be looked at closely.
check 'the library compiles' compile_library -o "$work/Sockets.o"
check 'the program compiles and links' compile_program
[ "$failed" -eq 0 ] || finish
check "has $limit bytes at most" is_small
check 'needs libc alone' needs_libc_only
check 'serves' timeout 90 python3 Scripts/embedded-clients.py "$program"
finish
