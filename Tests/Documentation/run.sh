#!/usr/bin/env bash
# Compiles every block of Swift in the documentation, README.md and the comments of the modules, as Swift 6 without a
# warning, and runs those that are whole programs, each in a network of its own. Checks those of C and of HAProxy's
# configuration too. (The blocks about C interop are parts of other files: Tests/Interop checks those.)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=../../Scripts/common.sh
source "$here/../../Scripts/common.sh"

need_swift
need python3 command -v python3
need haproxy command -v haproxy
need socat command -v socat
need iproute2 command -v ip
need systemd test -x /usr/bin/systemd-socket-activate
need libbsd-dev test -e /usr/include/bsd/unistd.h
build --quiet

articles=("$root/README.md")
while IFS= read -r -d '' article; do articles+=("$article"); done < <(
  find "$root/Documentation" -name '*.md' -not -path '*/CInterop/*' -print0
  find "$root"/Sources/{Sockets,AsyncSockets,SocketActivation,ProxyProtocol} -name '*.swift' -print0)
python3 "$here/blocks.py" "$work" "$root" "${articles[@]}"

built=$root/.build/debug
export compile="timeout 300 swiftc -swift-version 6 -warnings-as-errors -I $built/Modules \
  -Xcc -fmodule-map-file=$root/include/module.modulemap -Xcc -fmodule-map-file=$root/CShims/libbsd/module.modulemap"
# Not only the types: ownership and lifetimes are checked behind them.
compile_module() { $compile -parse-as-library -wmo -emit-sil -o /dev/null -module-name "${1##*/}" "$1"/*.swift; }
# A few lines from the middle of something: what they declare somebody else uses.
compile_comment() { compile=${compile/-warnings-as-errors/} compile_module "$1"; }
compile_refused() {
  ! compile_module "$1" >"$1/said" 2>&1 && grep -qF -f "$1/message" "$1/said" && return
  echo "not refused with: $(cat "$1/message")" && cat "$1/said" && return 1
}
compile_program() { $compile -o "$1/program" "$1/main.swift" "$library" -lbsd; }
compile_package() {
  $compile -typecheck -package-description-version 6.3.0 -I "$manifests" -module-name "${1##*/}" "$1/Package.swift"
}
manifests=$(dirname -- "$(dirname -- "$(command -v swiftc)")")/lib/swift/pm/ManifestAPI
# What a program is linked with: not all that lies there, of which some may be older than its source.
library=$work/libsockets.a
grep -E '/(CSockets|Sockets|AsyncSockets|SocketActivation|ProxyProtocol)\.build/' \
  "$built/echo-server.product/Objects.LinkFileList" | xargs ar crs "$library"
export manifests library
export -f compile_module compile_comment compile_refused compile_package compile_program

# compile_all KIND: compiles all of a kind, on all processors, and says which have failed.
compile_all() {
  mkdir -p -- "$work/$1s"
  find "$work/$1s" -mindepth 1 -maxdepth 1 -print0 | sort -z | xargs -0 -P "$(nproc)" -I {} bash -c '
    if "compile_$0" "$1" >"$1/output" 2>&1; then rm -- "$1/output"; fi' "$1" {}
  for path in "$work/$1s"/*; do
    if [ -e "$path/output" ]; then
      cat -- "$path/output" >&2
      printf 'FAILED  compiling the %s %s\n' "$1" "${path##*/}"
      failed=$((failed + 1))
    else
      passed=$((passed + 1))
    fi
  done
}
compile_all module
compile_all comment
compile_all package
compile_all refused
compile_all program
for file in "$work"/c/*; do
  check "${file##*/}" clang -std=gnu11 -Wall -Wextra -Werror -I "$root/include" -fsyntax-only "$file"
done
for file in "$work"/haproxy/*; do check "${file##*/}" haproxy -c -q -f "$file"; done
[ "$failed" -eq 0 ] || finish
printf 'ok      %d compiled\n' "$passed"

# With a /proc of its own: Dispatch looks its threads up there, and ends the program where it does not find them.
namespace=(unshare --net --pid --mount-proc --fork --kill-child)
[ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)
if ! "${namespace[@]}" ip link set lo up 2>"$work/output"; then
  echo "skipped: running the programs, which takes a network of their own: $(cat -- "$work/output")"
  finish
  exit
fi

# try NAME EXPECTED COMMANDS: runs commands of the shell, each program by its name, in a network and a directory of
# their own, and compares what they print. What is in the background ends with them.
try() {
  local name=$1 expected=$2 directory status=0
  directory=$(mktemp -d -p "$work")
  (cd -- "$directory" && timeout 60 "${namespace[@]}" bash -c '
    ip link set lo up
    PATH=$1:$2:$PATH
    ask() { socat -t 20 - "$1,retry=200,interval=0.1"; }
    eval "$3"' bash "$work/bin" "$built" "$3" >output 2>errors) || status=$?
  if [ "$status" = 0 ] && [[ $(cat -- "$directory/output") =~ ^$expected$ ]]; then
    printf 'ok      %s\n' "$name"
    passed=$((passed + 1))
  else
    printf 'FAILED  %s (exit %d), expected:\n%s\nprinted:\n' "$name" "$status" "$expected"
    cat -- "$directory"/{output,errors}
    failed=$((failed + 1))
  fi
}
mkdir -- "$work/bin"
for program in "$work"/programs/*; do ln -s -- "$program/program" "$work/bin/${program##*/}"; done

refused='connect to 127\.0\.0\.1:8000: connection refused \(ECONNREFUSED\)'
try 'first page: nobody listens' "$refused" 'hello'
established='tcp 127\.0\.0\.1:[0-9]+ -> 127\.0\.0\.1:8000 established'
try 'first page: a person answers' "$established"$'\ntyped' \
  '{ echo typed; exec sleep 60; } | socat - TCP-LISTEN:8000 >log & until ss -Hltn | grep -q 8000; do sleep 0.1; done; hello'
try 'first page: echo-server answers' "$established"$'\nhello' \
  'echo-server --no-welcome >log & until ss -Hltn | grep -q 8000; do sleep 0.1; done; hello'
for server in thread-server poll-server async-server nio-server stopping-server; do
  try "$server" 'hello' "$server >log & echo hello | ask TCP:127.0.0.1:8000"
done
try 'server and client' $'Welcome to my server\nhello' \
  'server >log & ask TCP:127.0.0.1:8000 </dev/null >greeting; client'
try 'server and C client' 'hello' 'thread-server >log & ask TCP:127.0.0.1:8000 </dev/null; c-client'
try 'stopping-server ends when it is told to' $'hello\nall connections have ended' \
  'stopping-server >log & echo hello | ask TCP:127.0.0.1:8000; kill $!; wait $!; cat log'
try 'udp-server and udp-client' 'hello' \
  'udp-server >log & until ss -Hlun | grep -q 8000; do sleep 0.1; done; udp-client'
try 'unix-server' 'user 0, process [0-9]+' 'unix-server >log & ask UNIX-CONNECT:echo.sock </dev/null'
try 'supervisor and worker' 'Welcome to my worker' \
  'worker >log & until [ -S worker.sock ]; do sleep 0.1; done
   while supervisor 2>&1 | grep -q refused; do sleep 0.1; done & ask TCP:127.0.0.1:8000 </dev/null'
try 'multicast' 'found 127\.0\.0\.1:4000' \
  'ip link set lo multicast on; ip route add 239.0.0.0/8 dev lo
   multicast-listener >log & until ss -Hlun | grep -q 4000; do sleep 0.1; done; multicast-sender'
try 'activated-server' 'hello' \
  'systemd-socket-activate -l 8000 "$(readlink "$(command -v activated-server)")" 2>log & echo hello | ask TCP:127.0.0.1:8000'
try 'embedded-loop' 'thank you' 'sleep 30 | embedded-loop >log & echo hello | ask TCP:127.0.0.1:8000'
try 'dispatch-host' 'from the main queue' 'dispatch-host >log & ask TCP:127.0.0.1:8000 </dev/null'
try 'bluesocket-server' $'Hello, type .QUIT. to end session\nServer response:\nhello' \
  'bluesocket-server >log & echo hello | ask TCP:127.0.0.1:1337'
finish
