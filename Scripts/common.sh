# What the scripts share: tools and packages that are installed where they are missing, and checks that are counted. To
# be sourced; it leaves a directory in $work that is removed at the end.
# shellcheck shell=bash

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
# Other programs put what they leave behind there too: the package manager its locks.
export TMPDIR=$work
passed=0
failed=0

# stop MESSAGE: says why the script cannot go on, and ends it.
stop() {
  printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
  exit 1
}

# need PACKAGE PROBE...: makes sure that a probe succeeds, with the Debian package that brings what it looks for.
need() {
  local package=$1
  shift
  if "$@" >"$work/install" 2>&1; then return; fi
  command -v apt-get >/dev/null ||
    stop "$package is missing, and there is no apt-get to install it: install what your system calls it"
  [ "$(id -u)" -eq 0 ] ||
    stop "$package is missing, and only root can install it: run 'sudo apt-get install $package', then this again"
  printf 'installing %s\n' "$package"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$package"; } >"$work/install" 2>&1 || {
    cat -- "$work/install" >&2
    stop "$package is missing, and apt-get could not install it (see above): is there a network?"
  }
  "$@" >"$work/install" 2>&1 || stop "$package is installed, and still '$*' fails"
}

# need_swift: makes sure that there is a Swift that can read Package.swift.
need_swift() {
  local version
  command -v swift >/dev/null ||
    stop "swift is missing: install Swift 6.3 or newer (https://www.swift.org/install) and put its bin directory into PATH"
  version=$(swift --version 2>/dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -n 1)
  [ -n "$version" ] || stop "'swift --version' fails: is the toolchain whole?"
  [ "$(printf '%s\n' 6.3 "$version" | sort -V | head -n 1)" = 6.3 ] ||
    stop "this needs Swift 6.3 or newer; $(command -v swift) is $version"
}

# need_for_tests: makes sure that there is what the tests of the library and the programs use.
need_for_tests() {
  need_swift
  need libbsd-dev test -e /usr/include/bsd/unistd.h
  need python3 command -v python3
  need socat command -v socat
  need strace command -v strace
  need iproute2 command -v ip
  need procps command -v ps
  need haproxy command -v haproxy
  need systemd test -x /usr/bin/systemd-socket-activate
}

# toolchain: where the toolchain's own tools are, which read what its compiler writes, and have its optimizer.
toolchain() {
  dirname -- "$(readlink -f -- "$(command -v swiftc)")"
}

# need_from_pypi NAME VERSION PROBE...: makes sure that a probe succeeds, with a package of PyPI, which goes into a
# directory of the project's own. Programs that it brings are found in PATH.
need_from_pypi() {
  local name=$1 version=$2 tools=$root/.build-tools
  shift 2
  PATH=$tools/bin:$PATH
  if "$@" >"$work/install" 2>&1; then return; fi
  need python3 command -v python3
  need python3-venv python3 -c 'import ensurepip, venv'
  printf 'installing %s %s into %s\n' "$name" "$version" "$tools"
  [ -x "$tools/bin/pip" ] || python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "$name==$version" >"$work/install" 2>&1 || {
    cat -- "$work/install" >&2
    stop "$name $version is missing, and pip did not bring it from PyPI (see above): is there a network?"
  }
  hash -r
  "$@" >"$work/install" 2>&1 || stop "$name $version is installed, and still '$*' fails"
}

# build ARGUMENT...: builds with the package manager, within a bound: it has been seen to hang.
build() {
  timeout 1200 swift build --package-path "$root" "$@" ||
    stop "the build failed (see above); if a package could not be fetched: is there a network?"
}

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
