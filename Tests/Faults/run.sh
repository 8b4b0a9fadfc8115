#!/usr/bin/env bash
# Tries what happens to the programs when things go wrong: system calls that fail, shortages, ends and new beginnings, and
# clients that mean harm. From any directory: Tests/Faults/run.sh [--all] [--write] [PART ...]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
need python3 command -v python3
need strace command -v strace
need iproute2 command -v ip
need util-linux command -v unshare
need haproxy command -v haproxy

build --quiet --product echo-server
build --quiet --product echo-client
timeout 3600 python3 "$here/runner" --programs "$(swift build --package-path "$root" --show-bin-path)" "$@"
