#!/usr/bin/env bash
# Checks the style of the Swift and C sources, then the C layer, here and for other systems. From any directory:
# Scripts/lint.sh
set -euo pipefail
# shellcheck source=../Tests/CSocketsTests/common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../Tests/CSocketsTests/common.sh"
cd -- "$root"

if ! command -v swift >/dev/null; then
  echo 'swift is missing: install a Swift toolchain and put its bin directory into PATH' >&2
  exit 1
fi
check 'swift format lint' \
  swift format lint --strict --recursive --parallel --configuration .swift-format Sources Tests Package.swift

# Older ones cannot read .clang-format.
oldest=21
version=$(clang-format --version 2>/dev/null | sed -nE 's/.*version ([0-9]+).*/\1/p' || true)
if [ "${version:-0}" -ge "$oldest" ]; then
  check "clang-format $version" clang-format --dry-run --Werror --style=file \
    include/*.h include/csockets/*.h CShims/*.c CShims/libbsd/*.h Tests/CSocketsTests/*.[ch]
else
  echo "skipped  clang-format: ${version:+version $version is too old, }version $oldest or newer is needed" \
    "(pip install clang-format==21.1.8 is one way to it)"
fi

for script in run cross; do
  echo "Tests/CSocketsTests/$script.sh:"
  if "Tests/CSocketsTests/$script.sh"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
done

echo 'lint, with the two scripts as one check each:'
finish
