#!/usr/bin/env bash
# Builds and runs a package that depends on this one: by path and by URL, with its traits and without, and the one that
# the documentation begins with.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift
need python3 command -v python3

# A repository of its own, so that what is not committed yet is tested too, and a version to depend on.
repository=$work/swift-sockets
mkdir -- "$repository"
if git -C "$root" rev-parse --git-dir >/dev/null 2>&1; then
  git -C "$root" ls-files -z --cached --others --exclude-standard |
    (cd -- "$root" && xargs -0 sh -c 'for file; do [ ! -f "$file" ] || printf "%s\0" "$file"; done' sh) |
    tar -C "$root" --null --files-from=- -cf - | tar -C "$repository" -xf -
else
  tar -C "$root" --exclude='./.build*' -cf - . | tar -C "$repository" -xf -
fi
git -C "$repository" -c init.defaultBranch=main init -q
git -C "$repository" add -A
git -C "$repository" -c user.name=test -c user.email=test@localhost commit -qm 'The work tree'
git -C "$repository" tag 0.1.0

expected='from another package 4
connect to 127.0.0.1:1: connection refused (ECONNREFUSED)'

# consume NAME CHECKOUTS [VARIABLE=VALUE ...]: builds the consumer with these variables, and checks what it prints and
# which packages were checked out for it.
consume() {
  local name=$1 checkouts=$2
  shift 2
  cp -R -- "$here/Consumer" "$work/$name"
  if ! env "$@" timeout 600 swift build --cache-path "$work/cache" --package-path "$work/$name" >"$work/output" 2>&1; then
    cat -- "$work/output" >&2
    echo "FAILED  $name: it does not build" >&2
    exit 1
  fi
  local printed found
  printed=$("$work/$name/.build/debug/Consumer")
  found=$(cd -- "$work/$name" && { ls .build/checkouts 2>/dev/null || true; } | tr '\n' ' ')
  if [ "$printed" != "$expected" ] || [ "$found" != "$checkouts" ]; then
    printf 'FAILED  %s: it printed:\n%s\nand checked out: %s\n' "$name" "$printed" "$found" >&2
    exit 1
  fi
  echo "ok      $name"
}

url=file://$repository
consume by-path 'hdrhistogram-swift swift-argument-parser swift-log swift-numerics ' CONSUMER_PATH="$repository"
consume by-path-without-traits '' CONSUMER_PATH="$repository" CONSUMER_TRAITS=
consume by-url 'hdrhistogram-swift swift-argument-parser swift-log swift-numerics swift-sockets ' CONSUMER_URL="$url"
consume by-url-with-libbsd-alone 'swift-sockets ' CONSUMER_URL="$url" CONSUMER_TRAITS=LibBSD

# The package of the documentation's first page, as it stands there. Its URL leads to the repository above.
python3 "$here/../Documentation/blocks.py" "$work/page" "$root" "$root/Documentation/swift-sockets.docc/swift-sockets.md"
mkdir -p -- "$work/hello/Sources/hello"
cp -- "$work/page/packages/swift-sockets/Package.swift" "$work/hello/Package.swift"
cp -- "$work/page/programs/hello/main.swift" "$work/hello/Sources/hello/main.swift"
swift package --package-path "$work/hello" config set-mirror \
  --original https://github.com/swift-sockets/swift-sockets --mirror "$url" >"$work/output"
timeout 600 swift build --cache-path "$work/cache" --package-path "$work/hello" >"$work/output" 2>&1 || {
  cat -- "$work/output" >&2
  echo 'FAILED  the first page: it does not build' >&2
  exit 1
}
printed=$("$work/hello/.build/debug/hello" 127.0.0.1:1)
if [ "$printed" != 'connect to 127.0.0.1:1: connection refused (ECONNREFUSED)' ]; then
  printf 'FAILED  the first page: it printed:\n%s\n' "$printed" >&2
  exit 1
fi
echo 'ok      the first page'

# The programs work without libbsd too.
timeout 600 swift build --package-path "$repository" --traits Programs >"$work/output" 2>&1 || {
  cat -- "$work/output" >&2
  echo 'FAILED  without libbsd: it does not build' >&2
  exit 1
}
for program in echo-server echo-client; do
  if ldd "$repository/.build/debug/$program" | grep -q libbsd; then
    echo "FAILED  without libbsd: $program is linked with it" >&2
    exit 1
  fi
done
"$repository/.build/debug/echo-server" --pidfile "$work/pid" >"$work/output" 2>&1 && status=0 || status=$?
if [ "$status" != 1 ] || ! grep -q 'not available in a build without libbsd' "$work/output"; then
  cat -- "$work/output" >&2
  echo 'FAILED  without libbsd: --pidfile is not refused' >&2
  exit 1
fi
echo 'ok      without libbsd'
