#!/usr/bin/env bash
# Installs the C layer (headers, a static and a shared library, and what pkg-config says of them) and the programs with
# their manual pages and completions. From any directory:
#   Scripts/install.sh [--prefix DIR] [--static] [--without-programs]
#   Scripts/install.sh --uninstall [--prefix DIR]
# --prefix            where to, /usr/local unless given
# --static            with Swift's own library inside the programs, so that they run where there is no Swift
# --without-programs  the C layer alone, which takes a C compiler and nothing else
# DESTDIR goes before the prefix, as package builders want it; CC and CFLAGS are what C is compiled with.
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

prefix=/usr/local
static=()
programs=(echo-server echo-client)
uninstall=no
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) shift && prefix=${1:?--prefix: a directory is missing} ;;
    --prefix=*) prefix=${1#--prefix=} ;;
    --static) static=(--static-swift-stdlib) ;;
    --without-programs) programs=() ;;
    --uninstall) uninstall=yes ;;
    -h | --help)
      sed -n '2,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
      exit 0
      ;;
    *)
      printf 'install.sh: %s: no such option; see --help\n' "$1" >&2
      exit 64
      ;;
  esac
  shift
done
[[ $prefix == /* ]] || stop "--prefix $prefix: must begin with a slash"
# Where the files go now, and what is in there of ours: each file, and each directory that was not there before.
destination=${DESTDIR:-}$prefix
manifest=share/swift-sockets/manifest

# refresh: has the dynamic loader know what is in its own directories now. Others are not its business.
refresh() {
  if [ -z "${DESTDIR:-}" ] && [ "$(id -u)" -eq 0 ] && [[ $prefix =~ ^/usr(/local)?/*$ ]]; then ldconfig; fi
}

# remove: takes away what an installation has brought, and nothing else.
remove() {
  local name
  [ -f "$destination/$manifest" ] || return 0
  # What is in a directory goes before it.
  LC_ALL=C sort -r -- "$destination/$manifest" >"$work/installed"
  while read -r name; do
    case $name in
      # Somebody else's file may be in it by now.
      */) rmdir --ignore-fail-on-non-empty -- "$destination/$name" 2>/dev/null || true ;;
      *) rm -f -- "$destination/$name" ;;
    esac
  done <"$work/installed"
}

if [ "$uninstall" = yes ]; then
  [ -f "$destination/$manifest" ] || stop "nothing of ours is in $destination: there is no $manifest"
  remove
  refresh
  exit 0
fi

version=$(sed -n 's/^ *version: "\(.*\)").*/\1/p' "$root/Sources/echo-server/EchoServer.swift")
# What a program needs to be linked anew for. Before 1.0 that is every minor version.
case $version in
  0.*) abi=${version%.*} ;;
  *) abi=${version%%.*} ;;
esac

need gcc command -v "${CC:-cc}"
# Everything is made first, in a tree of its own.
stage=$work/stage
put() {
  install -D -m "$1" -- "$2" "$stage/$3"
}

for header in csockets.h csockets/; do
  (cd -- "$root/include" && find "$header" -name '*.h') | while read -r name; do
    put 644 "$root/include/$name" "include/$name"
  done
done
read -ra cflags <<<"${CFLAGS:--O2}"
mkdir -- "$work/objects"
for source in "$root"/CShims/*.c; do
  "${CC:-cc}" "${cflags[@]}" -std=c11 -fPIC "-I$root/include" -c "$source" -o "$work/objects/$(basename -- "$source" .c).o"
done
ar rcs "$work/libcsockets.a" "$work"/objects/*.o
"${CC:-cc}" "${cflags[@]}" -shared "-Wl,-soname,libcsockets.so.$abi" "$work"/objects/*.o -pthread -o "$work/libcsockets.so"
put 644 "$work/libcsockets.a" lib/libcsockets.a
put 755 "$work/libcsockets.so" "lib/libcsockets.so.$version"
ln -s "libcsockets.so.$version" "$stage/lib/libcsockets.so.$abi"
ln -s "libcsockets.so.$abi" "$stage/lib/libcsockets.so"
cat >"$work/csockets.pc" <<END
prefix=$prefix
includedir=\${prefix}/include
libdir=\${prefix}/lib

Name: csockets
Description: The sockets interface of the system as typed C helpers, each of which makes one system call
URL: https://github.com/swift-sockets/swift-sockets
Version: $version
Cflags: -I\${includedir}
Libs: -L\${libdir} -lcsockets
Libs.private: -pthread
END
put 644 "$work/csockets.pc" lib/pkgconfig/csockets.pc
put 644 "$root/LICENSE" share/doc/swift-sockets/LICENSE

if [ ${#programs[@]} -gt 0 ]; then
  need_swift
  need libbsd-dev test -e /usr/include/bsd/unistd.h
  need python3 command -v python3
  for program in "${programs[@]}"; do build --quiet -c release "${static[@]}" --product "$program"; done
  bin=$(swift build --package-path "$root" -c release --show-bin-path)
  for program in "${programs[@]}"; do
    put 755 "$bin/$program" "bin/$program"
    "$root/Scripts/manual.py" "$bin/$program" >"$work/page"
    put 644 "$work/page" "share/man/man1/$program.1"
    while read -r shell path; do
      "$bin/$program" --generate-completion-script "$shell" >"$work/completion"
      put 644 "$work/completion" "share/$path"
    done <<END
bash bash-completion/completions/$program
zsh zsh/site-functions/_$program
fish fish/vendor_completions.d/$program.fish
END
  done
fi

# What an earlier version has brought and this one does not is not to stay.
remove
(cd -- "$stage" && find . -mindepth 1 -type d -printf '%P/\n' -o -printf '%P\n') >"$work/names"
mkdir -p -- "$stage/${manifest%/*}"
printf '%s\n' "${manifest%/*}/" "$manifest" >>"$work/names"
while read -r name; do
  # A directory that is there already is somebody else's.
  if [[ $name != */ ]] || [ ! -d "$destination/$name" ]; then printf '%s\n' "$name"; fi
done <"$work/names" >"$stage/$manifest"
mkdir -p -- "$destination"
cp -R --no-dereference --preserve=mode,links -- "$stage/." "$destination/"
refresh
printf 'installed %s in %s\n' "$version" "$destination"
if [ ${#programs[@]} -gt 0 ] && [ ${#static[@]} -eq 0 ]; then
  echo 'the programs need the libraries of the Swift that has built them; --static makes them do without'
fi
