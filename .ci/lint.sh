#!/bin/sh
# The rules of CONTRIBUTING.md that a machine can check and the formatter does not.
set -eu
cd "$(dirname "$0")/.."
failed=0

# complain RULE FINDINGS: fails, and prints the findings, if there are any.
complain() {
  [ -n "$2" ] || return 0
  printf 'lint: %s\n%s\n' "$1" "$2" >&2
  failed=1
}

complain "a Swift file is one noun and has at most 400 lines" \
  "$(git ls-files '*.swift' | xargs -r wc -l | awk '$2 != "total" && $1 > 400')"
complain "open ends belong in an issue, not in the code" \
  "$(git grep -nwE 'TO''DO|FIX''ME|XX''X' -- Sources Tests Examples Benchmarks proto || true)"
# Two files are off the path of a trigger: what the command line shows, and how a definition is kept.
complain "Foundation is not imported on the data path" \
  "$(git grep -nE '^(internal |package |public )?import Foundation' -- Sources/HTTP2 Sources/GRPC \
    Sources/Messages Sources/EventCore Sources/Executors Sources/SQLiteStore \
    ':!Sources/Messages/MessageTree+JSON.swift' ':!Sources/SQLiteStore/DefinitionRecord.swift' || true)"
complain "shell scripts must parse" \
  "$(git ls-files '*.sh' .ci/run | while read -r script; do bash -n "$script" 2>&1; done)"
exit $failed
