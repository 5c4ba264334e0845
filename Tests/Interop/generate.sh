#!/bin/sh
# Generates the C messages of grpc.testing into the folder $1 (CTestProtos here by default). Needs
# protoc-c; its output is committed.
set -eu
cd "$(dirname "$0")"
out=${1:-CTestProtos}
mkdir -p "$out/include"
protoc-c -I proto --c_out="$out" proto/grpc/testing/test.proto
mkdir -p "$out/include/grpc/testing"
mv "$out/grpc/testing/test.pb-c.h" "$out/include/grpc/testing/test.pb-c.h"
