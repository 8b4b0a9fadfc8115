# What the scripts that check the C layer share: tools, one line a check, and the closing line. To be sourced.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
export TMPDIR=$work
passed=0
failed=0

# check NAME COMMAND...: runs a command, and says whether it succeeded and what it printed.
check() {
  local name=$1 status=0
  shift
  "$@" >"$work/output" 2>&1 </dev/null || status=$?
  if [ "$status" -eq 0 ]; then
    printf 'ok      %s\n' "$name"
    passed=$((passed + 1))
  else
    printf 'FAILED  %s (exit %d)\n' "$name" "$status"
    failed=$((failed + 1))
  fi
  sed 's/^/        /' "$work/output"
}

# finish: the closing line, and whether all went well.
finish() {
  printf '%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}

# need PACKAGE PROBE...: makes sure that a probe succeeds, with the Debian package that brings what it looks for.
need() {
  local package=$1
  shift
  if "$@" >"$work/output" 2>&1; then return; fi
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf '%s is missing: install it (a Debian package; as root this script does so itself)\n' "$package" >&2
    exit 1
  fi
  printf 'installing %s\n' "$package"
  if apt-get update -qq >"$work/output" 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package" >>"$work/output" 2>&1 &&
    "$@" >>"$work/output" 2>&1; then
    return
  fi
  cat "$work/output" >&2
  printf '%s is missing, and apt-get did not bring it\n' "$package" >&2
  exit 1
}

# include_twice DIRECTORY: writes for each header a source file that has nothing else, and has it twice.
include_twice() {
  local header
  for header in "$root"/include/*.h "$root"/include/csockets/*.h; do
    header=${header#"$root/include/"}
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$1/$(basename -- "$header" .h).c"
  done
}
