#!/bin/sh
# Builds the load client and the peers. A peer that cannot be built is said so, and not measured.
set -u
cd "$(dirname "$0")"
mkdir -p .build

# newer SOURCE RESULT: there is something to do.
newer() { [ ! -e "$2" ] || [ "$1" -nt "$2" ]; }

# peer NAME COMMAND...
peer() {
  name=$1
  shift
  "$@" > .build/log 2>&1 || {
    tail -5 .build/log >&2
    echo "build.sh: $name could not be built and will not be measured" >&2
  }
}

# shellcheck disable=SC2046  # lists of flags on purpose
if newer load.c .build/load; then
  cc -std=c11 -O2 -Wall -Wextra -o .build/load load.c \
    $(pkg-config --cflags --libs libnghttp2 openssl) || exit 1
fi
# shellcheck disable=SC2046
if newer grpc-cpp/echo.cc .build/grpc-cpp-echo; then
  peer "grpc C++" g++ -std=c++17 -O2 -o .build/grpc-cpp-echo grpc-cpp/echo.cc \
    $(pkg-config --cflags --libs grpc++)
fi
if newer grpc-go/echo.go .build/grpc-go-echo; then
  peer grpc-go env GO111MODULE=off GOPATH=/usr/share/gocode \
    go build -o .build/grpc-go-echo ./grpc-go
fi
peer grpc-swift-2 swift build --configuration release --package-path grpc-swift-echo
