#!/usr/bin/env bash
# Puts mixed load on a server of each mode, hostile clients among it, and checks that memory, descriptors and latency stay
# flat. Installs what is missing. From any directory: Scripts/soak.sh [SECONDS], 30 unless given
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
need python3 command -v python3

build --quiet --product echo-server
build --quiet --product echo-client
python3 "$root/Tests/Faults/runner/soak.py" --programs "$(swift build --package-path "$root" --show-bin-path)" "$@"
