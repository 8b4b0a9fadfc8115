#!/usr/bin/env bash
# Fuzzes for a long time: so many seconds (600) in each of the four fuzzers. From any directory: Scripts/fuzz.sh SECONDS
exec "$(dirname -- "${BASH_SOURCE[0]}")/../Tests/Fuzzing/run.sh" "${1:-600}"
