#!/bin/sh
# The transport alone: unary echo of 105 bytes over h2c, 10 connections x 100 streams, beside nghttpd
# (a static file of the same size) in the same run. Prints requests per second of server CPU, the
# median of interleaved runs, and the ratio. Needs h2load and nghttpd.
#
#   Benchmarks/echo.sh [RUNS] [REQUESTS]
set -eu
cd "$(dirname "$0")/.."
runs=${1:-7}
requests=${2:-200000}
for tool in h2load nghttpd; do
  command -v "$tool" >/dev/null || {
    echo "echo.sh: $tool is missing: apt-get install nghttp2-client nghttp2-server" >&2
    exit 1
  }
done
work=$(mktemp -d)
pids=""
trap 'for pid in $pids; do kill "$pid" 2>/dev/null || :; done; rm -rf "$work"' EXIT
printf '\000\000\000\000\144%0100d' 0 > "$work/body" # a gRPC message of 100 bytes

.build/release/echo-server 1 > "$work/port" &
echo_pid=$!
pids=$echo_pid
peer_port=$((20000 + $$ % 20000))
nghttpd --no-tls -n 1 -d "$work" "$peer_port" > /dev/null &
peer_pid=$!
pids="$pids $peer_pid"
until grep -q port "$work/port" 2>/dev/null; do sleep 0.1; done
port=$(sed 's/.* //' "$work/port")

# Clock ticks of CPU that a process has used.
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; }

# measure NAME PID URL OPTIONS...: requests per second of CPU into a file.
measure() {
  name=$1
  pid=$2
  shift 2
  before=$(ticks "$pid")
  h2load -n "$requests" -c 10 -m 100 "$@" | grep -q " $requests succeeded"
  used=$(($(ticks "$pid") - before))
  echo $((requests * $(getconf CLK_TCK) / used)) >> "$work/$name"
}

for _ in $(seq "$runs"); do
  measure ours "$echo_pid" -d "$work/body" -H 'content-type: application/grpc' \
    -H 'te: trailers' "http://127.0.0.1:$port/echo.Echo/Unary"
  measure nghttpd "$peer_pid" "http://127.0.0.1:$peer_port/body"
done

median() { sort -n "$work/$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
ours=$(median ours)
peer=$(median nghttpd)
echo "unary echo 10x100: $ours requests per CPU-second; nghttpd, static file: $peer"
awk "BEGIN { printf \"ratio %.2f (median of $runs interleaved runs)\\n\", $ours / $peer }"
