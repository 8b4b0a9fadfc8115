# Has the two programs of this folder talk with one another. To be sourced, behind Scripts/common.sh.
# shellcheck shell=bash

# talk SERVER CLIENT: starts the server, talks with it over each of its transports, and ends it.
talk() {
  local server=$1 client=$2 path=$work/echo.sock tcp udp input output pid status=0 wrong=0
  coproc echo_server { exec timeout 30 "$server" "$path"; }
  pid=$echo_server_PID output=${echo_server[0]} input=${echo_server[1]}
  if read -r -t 10 tcp udp <&"$output"; then
    timeout 20 "$client" tcp localhost "$tcp" || wrong=1
    timeout 20 "$client" udp 127.0.0.1 "$udp" || wrong=1
    timeout 20 "$client" unix "$path" || wrong=1
  else
    echo 'the server did not say its ports'
    wrong=1
  fi
  exec {input}>&-
  wait "$pid" || status=$?
  if [ "$status" -ne 0 ]; then
    echo "the server ended with $status"
    wrong=1
  fi
  return "$wrong"
}
