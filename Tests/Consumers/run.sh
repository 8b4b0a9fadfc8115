#!/usr/bin/env bash
# Builds and runs a package that depends on this one: by path and by URL, with its traits and without.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift

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
  mkdir -- "$work/$name/Sources/Readme"
  # Its blocks of Swift that are functions.
  awk '/^```swift$/ { inside = 1; block = ""; next }
       /^```$/ { if (inside && block ~ /func /) printf "%s", block; inside = 0 }
       inside { block = block $0 "\n" }' "$root/README.md" >"$work/$name/Sources/Readme/Readme.swift"
  grep -q 'func serve' "$work/$name/Sources/Readme/Readme.swift" || stop 'README.md has no example of a server'
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
