#!/usr/bin/env bash
# Installs everything into a directory of its own, and uses it as one does who has nothing else: C and C++ programs
# through pkg-config, the programs without Swift, their manual pages and completions. From any directory:
# Tests/Install/run.sh
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
# shellcheck source=../CSocketsTests/talk.sh
source "$here/../CSocketsTests/talk.sh"
need gcc command -v gcc
need g++ command -v g++
need pkg-config command -v pkg-config
need mandoc command -v mandoc
need groff command -v groff
need zsh command -v zsh
need fish command -v fish

prefix=$work/prefix
tests=$root/Tests/CSocketsTests/programs
install=$root/Scripts/install.sh
unset DESTDIR
mkdir -p "$prefix/share"
touch "$prefix/share/foreign"
check 'install' "$install" --prefix "$prefix" --static
export PKG_CONFIG_PATH=$prefix/lib/pkgconfig

# compile PROGRAM COMPILER SOURCE ARGUMENT...: with what pkg-config says, and nothing of this tree.
compile() {
  local program=$1 compiler=$2 source=$3
  shift 3
  cp -- "$source" "$work"
  # Words apart, as everybody has them from pkg-config.
  # shellcheck disable=SC2046
  (cd -- "$work" && "$compiler" -Wall -Wextra -Werror $(pkg-config --cflags csockets) "${source##*/}" -o "$program" \
    "$@" $(pkg-config --libs csockets))
}
check 'a program in C' compile echo gcc "$tests/echo.c" "-Wl,-rpath,$prefix/lib"
check 'a program in C++' compile client g++ "$tests/client.cpp" -std=c++17 "-Wl,-rpath,$prefix/lib"
uses_the_library() { readelf -d "$work/echo" | grep 'Shared library: \[libcsockets.so.0.1\]'; }
check 'that uses the shared library' uses_the_library
check 'the two talk' talk "$work/echo" "$work/client"
check 'a program in C, linked statically' compile echo gcc "$tests/echo.c" -Wl,-Bstatic -lcsockets -Wl,-Bdynamic -Wl,--as-needed
check 'which talks too' talk "$work/echo" "$work/client"
versions_agree() { [ "$(pkg-config --modversion csockets)" = "$("$prefix/bin/echo-server" --version)" ]; }
check 'one version' versions_agree

for program in echo-server echo-client; do
  without_swift() { ! ldd "$prefix/bin/$program" | grep -E 'libswift|Foundation|dispatch|not found'; }
  check "$program needs no library of Swift's" without_swift
  page=$prefix/share/man/man1/$program.1
  check "$program.1, mandoc" mandoc -Tlint -W warning "$page"
  renders() {
    groff -ww -mandoc -Tascii -P-cbou "$page" >"$work/rendered" 2>"$work/warnings" && [ ! -s "$work/warnings" ] &&
      grep -q 'EXIT STATUS' "$work/rendered" && grep -q -- '--log-level' "$work/rendered"
  }
  check "$program.1, groff" renders
  # Bash is to expand what is quoted here.
  # shellcheck disable=SC2016
  check "completions of $program, bash" bash -c 'source "$0" && complete -p "$1"' \
    "$prefix/share/bash-completion/completions/$program" "$program"
  check "completions of $program, zsh" zsh -n "$prefix/share/zsh/site-functions/_$program"
  check "completions of $program, fish" fish --no-execute "$prefix/share/fish/vendor_completions.d/$program.fish"
done
bash_completes() {
  # As bash calls it: behind --log-level, what begins with de.
  bash -c '
    source "$0"
    COMP_WORDS=(echo-server --log-level de) COMP_CWORD=2 COMP_LINE="echo-server --log-level de" COMP_POINT=26
    function_name=$(complete -p echo-server | sed -nE "s/.*-F ([^ ]+) .*/\1/p")
    "$function_name" echo-server de --log-level
    printf "%s\n" "${COMPREPLY[@]}"' "$prefix/share/bash-completion/completions/echo-server" | grep -x 'debug *'
}
check 'bash completes a level' bash_completes

# An environment without anything that the programs could have been built with.
session() {
  local pid status=0
  env -i "$prefix/bin/echo-server" "unix://$work/echo.sock" >"$work/server" 2>&1 &
  pid=$!
  for ((tries = 0; tries < 100; tries++)); do
    if grep -q '^listening on ' "$work/server"; then break; fi
    sleep 0.1
  done
  printf 'hello\nquit\n' | env -i timeout 20 "$prefix/bin/echo-client" "unix://$work/echo.sock" | grep 'received:hello' ||
    status=1
  kill "$pid"
  wait "$pid" || status=1
  return "$status"
}
check 'the programs' session

check 'install again' "$install" --prefix "$prefix" --without-programs
programs_are_gone() { [ ! -e "$prefix/bin" ] && [ -e "$prefix/lib/libcsockets.a" ]; }
check 'what the second does not bring does not stay' programs_are_gone
check 'uninstall' "$install" --uninstall --prefix "$prefix"
only_foreign() { [ "$(cd -- "$prefix" && find . -mindepth 1 | sort | tr '\n' ' ')" = './share ./share/foreign ' ]; }
check 'nothing is left, but what was there before' only_foreign
says_nothing() { ! "$install" --uninstall --prefix "$prefix" 2>&1; }
check 'uninstall where nothing is' says_nothing

check 'install for a package' env DESTDIR="$work/package" "$install" --prefix /usr --without-programs
in_package() {
  grep -x 'prefix=/usr' "$work/package/usr/lib/pkgconfig/csockets.pc" && ! grep -r "$work" "$work/package/usr"
}
check 'which knows nothing of where it was made' in_package
finish
