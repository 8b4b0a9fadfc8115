#!/usr/bin/env bash
# Compiles the C layer, and does not run it, for systems that it is not developed on. The compiler and those systems'
# headers are Zig's, from PyPI. From any directory: Tests/CSocketsTests/cross.sh
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
# shellcheck source=headers.sh
source "$here/headers.sh"

version=0.17.1
need_from_pypi ziglang "$version" sh -c "[ \"\$(python3 -m ziglang version)\" = $version ]"
export ZIG_GLOBAL_CACHE_DIR=$root/.build-tools/zig ZIG_LOCAL_CACHE_DIR=$root/.build-tools/zig

mkdir "$work/headers"
include_twice "$work/headers"
for target in x86_64-linux-musl aarch64-linux-musl x86_64-macos aarch64-macos x86_64-freebsd; do
  compile=(python3 -m ziglang cc -target "$target" -std=c11 -Wall -Wextra -Werror "-I$root/include"
    -o "$work/unit.o" -c)
  for unit in "$work"/headers/*.c; do
    check "$(basename -- "$unit" .c).h alone, $target" "${compile[@]}" "$unit"
  done
  for source in "$root"/CShims/*.c; do
    check "$(basename -- "$source"), $target" "${compile[@]}" "$source"
  done
done

finish
