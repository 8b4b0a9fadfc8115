#!/usr/bin/env bash
# Compiles the C layer, and does not run it, for systems that it is not developed on. The compiler and those systems'
# headers are Zig's, from PyPI. From any directory: Tests/CSocketsTests/cross.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

zig_version=0.17.1
tools=$root/.build-zig
targets=(x86_64-linux-musl aarch64-linux-musl x86_64-macos aarch64-macos x86_64-freebsd)

need python3 command -v python3
python=python3
is_zig() { [ "$("$1" -m ziglang version 2>/dev/null)" = "$zig_version" ]; }
if ! is_zig "$python"; then
  python=$tools/python/bin/python
  if ! is_zig "$python"; then
    need python3-venv python3 -c 'import ensurepip, venv'
    echo "installing ziglang $zig_version into $tools"
    if ! { python3 -m venv --clear "$tools/python" &&
      "$python" -m pip install --quiet --disable-pip-version-check "ziglang==$zig_version" &&
      is_zig "$python"; }; then
      echo "ziglang $zig_version is missing, and pip did not bring it from PyPI" >&2
      exit 1
    fi
  fi
fi
export ZIG_GLOBAL_CACHE_DIR=$tools/cache ZIG_LOCAL_CACHE_DIR=$tools/cache

mkdir "$work/headers"
include_twice "$work/headers"
for target in "${targets[@]}"; do
  compile=("$python" -m ziglang cc -target "$target" -std=c11 -Wall -Wextra -Werror "-I$root/include"
    -o "$work/unit.o" -c)
  for unit in "$work"/headers/*.c; do
    check "$(basename -- "$unit" .c).h alone, $target" "${compile[@]}" "$unit"
  done
  for source in "$root"/CShims/*.c; do
    check "$(basename -- "$source"), $target" "${compile[@]}" "$source"
  done
done

finish
