#!/bin/sh
# Proves two things about proto/: Sources/CEventProtos is what it generates, and other people's
# tools compile it as it is, without include paths or options.
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# The module map is the one file there that is written by hand.
proto/generate.sh "$out"
if ! diff --recursive --brief --exclude=module.modulemap Sources/CEventProtos "$out"; then
  echo "verify: Sources/CEventProtos is not what proto/ generates; run 'make proto'" >&2
  exit 1
fi

Tests/Interop/generate.sh "$out/testing"
if ! diff --recursive --brief --exclude=module.modulemap Tests/Interop/CTestProtos "$out/testing"; then
  echo "verify: Tests/Interop/CTestProtos is not what its proto/ generates; run 'make proto'" >&2
  exit 1
fi

buf=$PWD/.venv/bin/buf
cd proto
# shellcheck disable=SC2046  # file names without blanks
protoc --descriptor_set_out=/dev/null $(find . -name '*.proto')
"$buf" build
echo "verify: the generated code is current; protoc and buf compile proto/"
