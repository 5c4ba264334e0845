#!/bin/sh
# Builds grpc-swift-2's client for the interoperability cases: first the generators, then with the
# system's protoc the stubs, then the client. The packages' own plugin would compile a protoc first.
set -eu
cd "$(dirname "$0")"
for generator in protoc-gen-swift protoc-gen-grpc-swift-2; do swift build --product $generator; done
tools=$(swift build --show-bin-path)
stubs=stubs
mkdir -p $stubs
protoc -I ../proto --plugin="$tools/protoc-gen-swift" --plugin="$tools/protoc-gen-grpc-swift-2" \
  --swift_out=$stubs --grpc-swift-2_out=$stubs --grpc-swift-2_opt=Server=false \
  ../proto/grpc/testing/test.proto
swift build --product grpc-swift-calls
