#!/bin/bash
# The instructions that the server needs for one unary call, counted by callgrind: figures that other
# work on the machine hardly moves, so that CI can hold them. Fails if one is more than 5 % over the
# committed one; then either the change is made cheaper, or its commit says why and records the new
# figures with --record. Says so too when one is 5 % under, which wants to be recorded.
#
#   Benchmarks/instructions.sh [--record]
#
# The load is h2load's: 10 connections x 100 calls, and one call at a time, where each is a turn of the
# event loop of its own. The difference of two runs takes the start of the program out. Takes a
# minute. Needs .build/release/echo-server, valgrind and h2load.
set -euo pipefail
cd "$(dirname "$0")/.."
figures=Benchmarks/instructions.txt
few=10000
many=30000
tolerance_percent=5

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill -9 "$server" 2>/dev/null || :; rm -rf "$work"' EXIT
printf '\000\000\000\000\144%0100d' 0 > "$work/body" # a gRPC message of 100 bytes
strip -g -o "$work/echo-server" .build/release/echo-server # valgrind 3.19 fails on Swift's DWARF

# await_port FILE: the port that the server says it listens on; valgrind needs its time.
await_port() {
  for _ in $(seq 600); do
    if grep -q port "$1"; then sed 's/.* //' "$1" && return; fi
    sleep 0.1
  done
  echo "instructions.sh: the server did not start:" >&2
  cat "$work/log" >&2
  exit 1
}

# count CALLS CONNECTIONS STREAMS: all instructions of a server that answers so many.
count() {
  : > "$work/port"
  valgrind --tool=callgrind --callgrind-out-file=/dev/null --log-file="$work/log" \
    "$work/echo-server" 1 > "$work/port" &
  server=$!
  port=$(await_port "$work/port")
  h2load -n "$1" -c "$2" -m "$3" -d "$work/body" -H 'content-type: application/grpc' \
    -H 'te: trailers' "http://127.0.0.1:$port/echo.Echo/Unary" > "$work/h2load"
  grep -q " $1 succeeded" "$work/h2load" || {
    cat "$work/h2load" >&2
    exit 1
  }
  kill -TERM "$server"
  wait "$server" 2>/dev/null || :
  server=
  total=$(sed -n 's/.*Collected : //p' "$work/log")
}

# compare LOAD NOW: against the recorded figure; false if it is over the tolerance.
compare() {
  recorded=$(awk -v load="$1" '$1 == load { print $2 }' "$figures")
  awk -v load="$1" -v now="$2" -v was="$recorded" -v tolerance=$tolerance_percent 'BEGIN {
    change = (now / was - 1) * 100
    printf "unary %s: %d instructions a call; recorded: %d; change: %+.1f %%\n", load, now, was, change
    if (change < -tolerance) print "  cheaper: Benchmarks/instructions.sh --record"
    if (change > tolerance) print "  over the tolerance: make it cheaper, or record it and say why"
    exit change > tolerance
  }'
}

failed=0
for load in 10x100 1x1; do
  count $few "${load%x*}" "${load#*x}"
  base=$total
  count $many "${load%x*}" "${load#*x}"
  now=$(((total - base) / (many - few)))
  echo "$load $now" >> "$work/figures"
  [ "${1:-}" = --record ] || compare "$load" "$now" || failed=1
done
if [ "${1:-}" = --record ]; then tee "$figures" < "$work/figures"; fi
exit $failed
