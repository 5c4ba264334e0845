#!/bin/sh
# Documents of 200 B, 1 KiB and 100 KiB, parsed and checked against real-looking schemas, beside
# jsonschema-rs (with orjson before it) in the same run. Prints the CPU time of one document, medians
# of interleaved turns, and how many times ours the peer's is. Needs both in .venv.
#
#   Benchmarks/schemas.sh [TURNS] [SECONDS]
set -eu
cd "$(dirname "$0")/.."
turns=${1:-5}
seconds=${2:-1}
.venv/bin/python -c 'import jsonschema_rs, orjson' 2>/dev/null || {
  echo "schemas.sh: jsonschema-rs and orjson are missing from .venv" >&2
  exit 1
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python Benchmarks/schema_documents.py "$work"

for _ in $(seq "$turns"); do
  for size in 200 1024 102400; do
    .build/release/schema-benchmark "$work/$size.schema.json" "$work/$size.json" "$seconds" \
      >> "$work/$size.ours"
    .venv/bin/python Benchmarks/schema_peer.py "$work/$size.schema.json" "$work/$size.json" \
      "$seconds" >> "$work/$size.peer"
  done
done

median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
echo "parse and check one document: ns of CPU, medians of $turns interleaved turns"
echo "| bytes | ours | jsonschema-rs | times faster |"
echo "|---|---|---|---|"
for size in 200 1024 102400; do
  ours=$(median "$work/$size.ours")
  peer=$(median "$work/$size.peer")
  awk "BEGIN { printf \"| %d | %d | %d | %.2f |\\n\", \
    $(wc -c < "$work/$size.json"), $ours, $peer, $peer / $ours }"
done
