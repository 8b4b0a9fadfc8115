#!/usr/bin/env bash
# Runs the tests of the library and of the programs under AddressSanitizer (Scripts/sanitize.sh), and measures which
# lines of the library and the C headers they reach. Prints that by folder and in total, and lists the lines that no test
# reaches: those whose reason Scripts/unreached.txt has, and others, which want a test or a reason. Fails below the bound.
# From any directory: Scripts/coverage.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_for_tests
tools=$(toolchain)
# Below what it has been: new code comes with tests.
bound=98

"$root/Scripts/sanitize.sh" address
built=$root/.build-address
bin=$built/debug

# Of C in a Swift program the compiler keeps no account: the C tests show what they reach of it.
LLVM_PROFILE_FILE=$work/c.profraw
export LLVM_PROFILE_FILE
mapfile -t sources < <(find "$root/Tests/CSocketsTests" -maxdepth 1 -name '*.c' ! -name symbols.c)
"$tools/clang" -std=c11 -fprofile-instr-generate -fcoverage-mapping "-I$root/include" -pthread "${sources[@]}" \
  "$root"/CShims/*.c -o "$work/c-tests"
timeout 120 "$work/c-tests" >"$work/tests" 2>&1 || {
  cat -- "$work/tests" >&2
  stop 'the C tests fail (see above)'
}

"$tools/llvm-profdata" merge -sparse "$built"/reached/*.profdata -o "$work/swift.profdata"
"$tools/llvm-profdata" merge -sparse "$work/c.profraw" -o "$work/c.profdata"
{
  "$tools/llvm-cov" export "$bin"/*.xctest -object "$bin/echo-server" -object "$bin/echo-client" \
    -instr-profile="$work/swift.profdata" \
    -format=lcov "$root/Sources/Sockets" "$root/Sources/AsyncSockets"
  "$tools/llvm-cov" export "$work/c-tests" -instr-profile="$work/c.profdata" -format=lcov "$root/include" \
    "$root/CShims"
} >"$work/lcov"

python3 - "$work/lcov" "$root" "$bound" <<'END'
import collections, itertools, os, re, sys

lines, root, bound = {}, sys.argv[2], float(sys.argv[3])
for line in open(sys.argv[1]):
    key, _, value = line.strip().partition(":")
    if key == "SF":
        file = lines.setdefault(os.path.relpath(value, root), {})
    elif key == "DA":
        number, count = value.split(",")[:2]
        file[int(number)] = max(file.get(int(number), 0), int(count))

# Braces, directives and comments are no code, though the paths that end there make them look so.
text = {path: [""] + [line.strip() for line in open(os.path.join(root, path))] for path in lines}
for path, counts in lines.items():
    for number in [number for number in counts if re.fullmatch(r"[{}()\s]*|#.*|//.*", text[path][number])]:
        del counts[number]

folders = collections.defaultdict(lambda: [0, 0])
for path, counts in lines.items():
    top = 2 if path.startswith("Sources") else 1
    for name in {os.path.dirname(path), "/".join(path.split("/")[:top]), "total"}:
        folders[name][0] += sum(count > 0 for count in counts.values())
        folders[name][1] += len(counts)


def listed(title, missing):
    print(title)
    for path, numbers in sorted(missing.items()):
        ranges = []
        for _, run in itertools.groupby(enumerate(sorted(numbers)), lambda pair: pair[1] - pair[0]):
            run = [number for _, number in run]
            ranges.append(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}")
        print(f"  {path}: {', '.join(ranges)}")


# Reasons: a heading, then files and lines.
reasons, reason = collections.defaultdict(list), None
for line in open(os.path.join(root, "Scripts/unreached.txt")):
    path, _, code = line.strip().partition(": ")
    if line.startswith("## "):
        reason = line[3:].strip()
    elif reason and path:
        reasons[path].append((code, reason))
missing = collections.defaultdict(lambda: collections.defaultdict(list))
for path, counts in lines.items():
    for number, count in counts.items():
        if count == 0:
            found = [why for line, why in reasons[path] if text[path][number] == line]
            missing[found[0] if found else None][path].append(number)
for why in filter(None, missing):
    listed(f"not reached: {why}", missing[why])
if None in missing:
    listed("not reached, and for no reason that Scripts/unreached.txt has:", missing[None])
print()
for name, (reached, total) in sorted(folders.items(), key=lambda item: (item[0] == "total", item[0])):
    print(f"{100 * reached / max(total, 1):6.1f} %  {reached:5} of {total:5}  {name}")
reached, total = folders["total"]
if 100 * reached < bound * total:
    sys.exit(f"below {bound} %")
END
