#!/usr/bin/env bash
# Shows the programs at work: starts the echo server and drives the echo client through a session over TCP, UDP and a
# Unix socket. Installs what is missing. From any directory: Scripts/demo.sh
set -euo pipefail
# shellcheck source=common.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

need_swift
need libbsd-dev test -e /usr/include/bsd/unistd.h
echo 'building echo-server and echo-client (the first time takes half a minute or more)'
build --quiet
bin=$(swift build --package-path "$root" --show-bin-path)

server=
# Whatever happens: no process and no file is left.
end() {
  if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null && kill -TERM "$server" 2>/dev/null && wait "$server" || true; fi
  rm -rf -- "$work"
}
trap end EXIT

endpoints=(tcp://127.0.0.1:0 udp://127.0.0.1:0 "unix://$work/echo.sock")
printf '\n$ echo-server %s &\n' "${endpoints[*]}"
"$bin/echo-server" "${endpoints[@]}" >"$work/server" 2>&1 &
server=$!
# It says when it listens; port 0 has become a real one.
for ((tries = 0; tries < 100; tries++)); do
  if [ "$(grep -c '^listening on ' "$work/server")" -eq "${#endpoints[@]}" ]; then break; fi
  kill -0 "$server" 2>/dev/null || { cat -- "$work/server" >&2; server=; stop 'the server ended by itself (see above)'; }
  sleep 0.1
done
cat -- "$work/server"

while read -r endpoint; do
  printf "\n\$ printf 'hello\\\\nquit\\\\n' | echo-client %s\n" "$endpoint"
  printf 'hello\nquit\n' | timeout 20 "$bin/echo-client" "$endpoint" >"$work/client" ||
    stop "the client failed with $endpoint"
  cat -- "$work/client"
  # The last prompt has no newline behind it; what is typed does not show, because the input is a pipe.
  echo
  grep -q '^Enter string to send:received:hello$' "$work/client" || stop "nothing came back from $endpoint"
done < <(sed -n 's/^listening on //p' "$work/server")

printf '\n$ kill %d\n' "$server"
kill -TERM "$server"
wait "$server" || stop "the server ended with status $?"
server=
echo 'what the server printed:'
cat -- "$work/server"
[ ! -e "$work/echo.sock" ] || stop 'the server left its socket behind'
