#!/usr/bin/env bash
# Counts the instructions, outside the kernel, of each way to make a call, libc's part and the loop's included, and
# compares them with C's. From any directory: Benchmarks/Calls/run.sh
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"
need_swift
need valgrind command -v valgrind

# Without the debugging information, which Debian's valgrind stumbles over.
options=(--package-path "$here" --scratch-path "$root/.build-calls" -c release -Xlinker --strip-debug)
timeout 1200 swift build "${options[@]}" >"$work/output" 2>&1 || {
  cat -- "$work/output" >&2
  stop 'the package does not build (see above)'
}
program=$(swift build "${options[@]}" --show-bin-path)/Calls

# instructions NAME COUNT: of the whole process.
instructions() {
  timeout 120 valgrind --tool=callgrind --callgrind-out-file="$work/callgrind" "$program" "$1" "$2" >"$work/output" 2>&1 ||
    { cat -- "$work/output" >&2 && stop "$1 failed (see above)"; }
  sed -n 's/^totals: //p' "$work/callgrind"
}

# The same process with twice as many calls has only those more. (Whole batches of 16.)
count=3200
declare -A counted=([-]=0)
printf '%-30s %12s %8s\n' 'instructions a call' 'of it' 'over C'
while IFS=$'\t' read -r name baseline feed; do
  once=$(instructions "$name" "$count")
  twice=$(instructions "$name" "$((2 * count))")
  counted[$name]=$(awk -v a="$once" -v b="$twice" -v n="$count" -v feed="${counted[$feed]}" \
    'BEGIN { printf "%.1f", (b - a) / n - feed }')
  awk -v name="$name" -v it="${counted[$name]}" -v c="${counted[$baseline]}" \
    'BEGIN { printf "%-30s %12.1f %+8.1f\n", name, it, it - c }'
done < <("$program")
