#!/usr/bin/env bash
# Measures which lines of the library and the C headers the tests reach, prints it by folder and in total, and lists the
# lines that no test reaches. Fails below the bound. Those are, for the most part, what is done when a call fails that
# cannot be made to fail in the process of a test (no thread, no memory; Tests/Faults makes the programs' calls fail, which
# are not counted here), and names of numbers that no test uses. From any directory:
# Scripts/coverage.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
need python3 command -v python3
# The toolchain's own, which reads what its compiler writes.
tools=$(dirname -- "$(readlink -f -- "$(command -v swiftc)")")
# Below what it has been: new code comes with tests.
bound=96

options=(--package-path "$root" --scratch-path "$root/.build-coverage" --disable-build-manifest-caching
  --enable-code-coverage)
timeout 900 swift build "${options[@]}" --build-tests >"$work/build" 2>&1 || {
  tail -n 40 -- "$work/build" >&2
  stop 'the tests do not build (see above)'
}
bin=$(swift build "${options[@]}" --show-bin-path)

# run FILTER OPTION...: runs tests. Programs that they start write down what they reach too, beside what the tests do;
# the next run would remove it.
run() {
  local filter=$1
  shift
  timeout 900 swift test "${options[@]}" --skip-build --filter "$filter" "$@" >"$work/tests" 2>&1 || {
    grep '✘' -- "$work/tests" | head -n 40 >&2
    stop 'the tests fail (see above)'
  }
  "$tools/llvm-profdata" merge -sparse "$bin"/codecov/*.profraw -o "$(mktemp -p "$work" --suffix=.profdata)"
}
run '^(SocketsTests|AsyncSocketsTests)\.' --no-parallel
run '^EchoTests\.(StreamTests|DatagramTests|ShutdownTests|LimitTests|FailureTests|AllowedUserTests)/'

# Of what Swift imports from a header the compiler keeps no account: the C tests show what they reach of it.
LLVM_PROFILE_FILE=$work/c.profraw
export LLVM_PROFILE_FILE
mapfile -t sources < <(find "$root/Tests/CSocketsTests" -maxdepth 1 -name '*.c' ! -name symbols.c)
"$tools/clang" -std=c11 -fprofile-instr-generate -fcoverage-mapping "-I$root/include" -pthread "${sources[@]}" \
  "$root"/CShims/*.c -o "$work/c-tests"
timeout 120 "$work/c-tests" >"$work/tests" 2>&1 || {
  cat -- "$work/tests" >&2
  stop 'the C tests fail (see above)'
}

"$tools/llvm-profdata" merge -sparse "$work"/*.profdata -o "$work/swift.profdata"
"$tools/llvm-profdata" merge -sparse "$work/c.profraw" -o "$work/c.profdata"
{
  "$tools/llvm-cov" export "$bin"/*.xctest -object "$bin/echo-server" -instr-profile="$work/swift.profdata" \
    -format=lcov "$root/Sources/Sockets" "$root/Sources/AsyncSockets"
  "$tools/llvm-cov" export "$work/c-tests" -instr-profile="$work/c.profdata" -format=lcov "$root/include" \
    "$root/CShims"
} >"$work/lcov"

python3 - "$work/lcov" "$root" "$bound" <<'END'
import collections, itertools, os, sys

lines, root, bound = {}, sys.argv[2], float(sys.argv[3])
for line in open(sys.argv[1]):
    key, _, value = line.strip().partition(":")
    if key == "SF":
        file = lines.setdefault(os.path.relpath(value, root), {})
    elif key == "DA":
        number, count = value.split(",")[:2]
        file[int(number)] = max(file.get(int(number), 0), int(count))

folders = collections.defaultdict(lambda: [0, 0])
for path, counts in lines.items():
    top = 2 if path.startswith("Sources") else 1
    for name in {os.path.dirname(path), "/".join(path.split("/")[:top]), "total"}:
        folders[name][0] += sum(count > 0 for count in counts.values())
        folders[name][1] += len(counts)

print("not reached:")
for path, counts in sorted(lines.items()):
    missing = sorted(number for number, count in counts.items() if count == 0)
    ranges = []
    for _, run in itertools.groupby(enumerate(missing), lambda pair: pair[1] - pair[0]):
        run = [number for _, number in run]
        ranges.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
    if ranges:
        print(f"  {path}: {', '.join(ranges)}")
print()
for name, (reached, total) in sorted(folders.items(), key=lambda item: (item[0] == "total", item[0])):
    print(f"{100 * reached / max(total, 1):6.1f} %  {reached:5} of {total:5}  {name}")
reached, total = folders["total"]
if 100 * reached < bound * total:
    sys.exit(f"below {bound} %")
END
