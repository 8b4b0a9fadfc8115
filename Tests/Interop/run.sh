#!/usr/bin/env bash
# Builds and runs the examples of the articles on C interop, the right ones and the wrong ones, and checks that the
# articles quote nothing else. From any directory: Tests/Interop/run.sh, or with a folder for its examples alone
#
# An example says what becomes of it in its first lines, each a comment that begins with "//:":
#   prints TEXT    it prints this line, all of these lines are all that it prints, and it succeeds
#   traps [TEXT]   the process dies of a signal, and says this
#   reports TEXT   a sanitizer ends the process, and says this
#   error TEXT     the compiler, or the linker, refuses it, and says this
#   crash TEXT     the compiler itself ends with a signal, while it does this
#   flags FLAGS    compiled with these flags; FOLDER in one stands for its own
#   with FILES     linked with these C sources of its folder
#   exports FILE   the header of what C can call in it has this name
# An example is right unless its name says Wrong; a right one is compiled as the library is, its warnings errors.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift
need python3 command -v python3
need pkg-config command -v pkg-config
need libbsd-dev test -e /usr/include/bsd/unistd.h
# The clang and the disassembler that belong to this Swift.
tools=$(dirname -- "$(readlink -f -- "$(command -v swift)")")

safe=(-strict-memory-safety -warnings-as-errors)
features=(-enable-experimental-feature SafeInteropWrappers -enable-experimental-feature Lifetimes)
upcoming=(ExistentialAny InternalImportsByDefault MemberImportVisibility NonisolatedNonsendingByDefault
  InferIsolatedConformances)
for feature in "${upcoming[@]}"; do features+=(-enable-upcoming-feature "$feature"); done
swift=(timeout 120 swiftc -swift-version 6 "${features[@]}" -module-cache-path "$work/modules" -I "$root/include"
  -Xcc "-fmodule-map-file=$root/CShims/libbsd/module.modulemap")
c=(timeout 60 "$tools/clang" -std=c11 -Wall -Wextra)

# words KEY FILE: what an example says under this key, one line each.
words() { sed -n "s|^//: $1 ||p" "$2"; }

# compile FILE: makes $work/example of it.
compile() {
  local file=$1 folder header other
  local -a flags=() with=() objects=()
  folder=$(dirname -- "$file")
  header=$(words exports "$file")
  mapfile -t flags < <(words flags "$file" | xargs -rn1)
  flags=("${flags[@]//FOLDER/$folder}")
  mapfile -t with < <(words with "$file" | xargs -rn1)
  if [[ $file == *.c ]]; then
    "${c[@]}" "${flags[@]}" "$file" -o "$work/example"
    return
  fi
  if grep -q '^//: reports AddressSanitizer' "$file"; then flags+=(-sanitize=address -Xcc -fsanitize=address -g); fi
  if [[ $file != *Wrong* ]]; then flags+=("${safe[@]}"); fi
  if [ -n "$header" ]; then
    "${swift[@]}" -I "$folder" -module-name example -typecheck "$file" -emit-clang-header-path "$work/$header"
  fi
  for other in "${with[@]}"; do
    "${c[@]}" -I "$work" -c "$folder/$other" -o "$work/$other.o"
    objects+=("$work/$other.o")
  done
  "${swift[@]}" -I "$folder" "${flags[@]}" "$file" "${objects[@]}" -L "$work" -lCSockets -module-name example \
    -o "$work/example"
}

# said_all KEY FILE: whether what was said has all that the example announces.
said_all() {
  local line
  while IFS= read -r line; do
    grep -qF -- "$line" "$work/said" || { cat -- "$work/said" && return 1; }
  done < <(words "$1" "$2")
}

# example FILE: whether what becomes of it is what it says.
example() {
  local file=$1 status=0 outcome said
  outcome=$(sed -nE 's/^\/\/: (prints|traps|reports|error|crash)( .*)?$/\1/p' "$file" | sort -u)
  rm -f -- "$work/example"
  compile "$file" >"$work/said" 2>&1 || status=$?
  case $outcome in
  error | crash)
    [ "$status" -ne 0 ] || { echo 'it compiles' && return 1; }
    if grep -q 'Stack dump' "$work/said"; then said=crash; else said=error; fi
    [ "$said" = "$outcome" ] || { cat -- "$work/said" && return 1; }
    said_all "$outcome" "$file"
    return
    ;;
  esac
  if [ "$status" -ne 0 ] || { [[ $file != *Wrong* ]] && [ -s "$work/said" ]; }; then
    cat -- "$work/said"
    return 1
  fi
  # The shell has something to say about a signal, too.
  { (cd -- "$work" && timeout 30 ./example >printed 2>said) || status=$?; } 2>/dev/null
  case $outcome in
  prints)
    [ "$status" -eq 0 ] || { cat -- "$work/said" && return 1; }
    diff <(words prints "$file") "$work/printed"
    ;;
  traps)
    [ "$status" -gt 128 ] || { echo "it ended with $status" && return 1; }
    said_all traps "$file"
    ;;
  reports)
    [ "$status" -ne 0 ] || { echo 'it ended well' && return 1; }
    said_all reports "$file"
    ;;
  *)
    echo 'it says nothing, or too much, of what becomes of it'
    return 1
    ;;
  esac
}

# The backtrace of a crash takes a while, and nobody reads it.
export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0
mkdir -- "$work/objects"
(cd -- "$work/objects" && "${c[@]}" -I "$root/include" -c "$root"/CShims/*.c && ar rc ../libCSockets.a ./*.o)

for file in "$here"/${1:-*}/*.{swift,c}; do
  if grep -qs '^//: ' "$file"; then check "${file#"$here/"}" example "$file"; fi
done
if [ $# -gt 0 ]; then
  finish
  exit
fi

# package FOLDER OPTION...: builds a package.
package() {
  timeout 120 swift build --package-path "$here/$1" --scratch-path "$work/build-${1////-}" "${@:2}" >"$work/said" 2>&1
}
# says TEXT: whether what was said last has this.
says() { grep -qF -- "$1" "$work/said" || { cat -- "$work/said" && return 1; }; }
# prints TEXT OPTION...: whether the right program of the package with a trait prints this.
prints() {
  package Traits/Package --product right "${@:2}" || { cat -- "$work/said" && return 1; }
  diff <(echo "$1") <(timeout 10 "$work/build-Traits-Package/debug/right")
}
refused() { ! package Traits/Package --product wrong --traits Extra && says "error: cannot find 'extra' in scope"; }
warned() { package SystemLibraries/Overlay && says 'prohibited flag(s): -isystem, /usr/include/bsd, -DLIBBSD_OVERLAY'; }
check 'Traits/Package, right, without the trait' prints 'without it: 1'
check 'Traits/Package, right, with the trait' prints 'with it: 2' --traits Extra
check 'Traits/Package, wrong, with the trait' refused
check 'SystemLibraries/Overlay' warned

# listing FUNCTION OBJECT: the machine code of a function, its jumps by label and its calls by name.
listing() {
  "$tools/llvm-objdump" --disassemble --reloc --no-show-raw-insn --no-leading-addr --x86-asm-syntax=intel \
    --symbolize-operands "$2" | swift demangle -simplified | awk -v name="<$1>:" '
      $0 == name { inside = 1; next }
      inside && /^$/ { exit }
      !inside || /nop/ { next }
      /R_X86_64_PLT32/ { sub(/.*PLT32\t/, ""); sub(/-0x4$/, ""); print "  call " $0; next }
      /\tcall/ { next }
      { gsub(/[ \t]+/, " "); sub(/^ /, "  "); print }' >"$work/listing"
  # Without the labels that no jump has.
  awk 'NR == FNR { if (!/^</) for (i = 1; i <= NF; i++) used[$i]; next }
    { label = $0; sub(/:$/, "", label) } !/^</ || label in used' "$work/listing" "$work/listing"
}
# calls FUNCTION OBJECT: what a function calls, each once, in the order of the first calls.
calls() { listing "$@" | sed -n 's/^  call //p' | awk '!seen[$0]++'; }
# library: the part of it that is compiled into its users.
library() {
  "${swift[@]}" "${safe[@]}" -O -wmo -emit-module -parse-as-library -module-name Sockets -package-name sockets \
    "$root"/Sources/Sockets/*/*.swift -o "$work/Sockets.swiftmodule"
}
optimized() {
  "${swift[@]}" -O -parse-as-library -I "$work" -c "$here/GeneratedCode/$1.swift" -o "$work/$1.o"
}
same() { diff -- "$here/GeneratedCode/$1" <("${@:2}"); }

if [ "$(uname -m)" = x86_64 ] && swift --version 2>/dev/null | grep -q 'Swift version 6\.3\.1 '; then
  "${c[@]}" -O2 -I "$root/include" -c "$here/GeneratedCode/send.c" -o "$work/send_c.o"
  check 'GeneratedCode: the library' library
  check 'GeneratedCode: send.swift' optimized send
  check 'GeneratedCode: obvious.swift' optimized obvious
  check 'GeneratedCode: send.swift becomes send.swift.txt' same send.swift.txt listing 'send(_:on:)' "$work/send.o"
  check 'GeneratedCode: send.c becomes send.c.txt' same send.c.txt listing send_bytes "$work/send_c.o"
  check 'GeneratedCode: obvious.swift calls what obvious.calls.txt says' \
    same obvious.calls.txt calls 'Connection.receive(_:)' "$work/obvious.o"
else
  echo 'skipped GeneratedCode: what it says is about Swift 6.3.1 on x86-64'
fi

check 'the articles quote the examples, and all of them' python3 -B "$here/articles.py" "$root"
finish
