# Headers as translation units of their own. To be sourced after common.sh.
# shellcheck shell=bash disable=SC2154 # $root is common.sh's.

# include_twice DIRECTORY: writes for each header a source file that has nothing else, and has it twice.
include_twice() {
  local header
  for header in "$root"/include/*.h "$root"/include/csockets/*.h; do
    header=${header#"$root/include/"}
    printf '#include "%s"\n#include "%s"\n' "$header" "$header" >"$1/$(basename -- "$header" .h).c"
  done
}
