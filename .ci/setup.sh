#!/bin/sh
# Installs what the parts named as arguments need and this machine lacks, and says what it did.
#
#   swift   Swift itself, which is looked for and never installed
#   build   swift, and the C libraries of Package.swift
#   bench   build, and the HTTP/2 load generator and server of nghttp2
#   transport     the servers that Benchmarks/transport measures against, and their compilers
#   trip  a C compiler, and if their harnesses are here, the brokers and databases that
#         Benchmarks/trip measures against
#   instructions  valgrind, which counts the instructions of a call
#   peers   tests, and what Benchmarks/requirements.txt measures against
#   demo    Python 3, for the HTTP function in Examples/
#   proto   protoc and protoc-c
#   clients tests, and what the languages of docs/clients.md need
#   tests   a Python environment, .venv, with the clients of Tests/EndToEnd/requirements.txt
#
# System packages come from apt, as root or through sudo. Elsewhere it says what to install by hand.
set -eu
cd "$(dirname "$0")/.."

missing=""

# want PACKAGE COMMAND...: the Debian package PACKAGE is missing unless COMMAND succeeds.
want() {
  package=$1
  shift
  case " $missing " in *" $package "*) return ;; esac
  "$@" >/dev/null 2>&1 || missing="$missing $package"
}

want_swift() {
  if ! command -v swift >/dev/null; then
    echo "setup: Swift 6.2 or later is needed, and there is no 'swift' in PATH." >&2
    echo "setup: install it as https://www.swift.org/install says, then try again." >&2
    exit 1
  fi
}

want_build() {
  want_swift
  want pkg-config command -v pkg-config
  want libnghttp2-dev pkg-config --exists libnghttp2
  want libprotobuf-c-dev pkg-config --exists libprotobuf-c
  want libre2-dev pkg-config --exists re2
  want libsqlite3-dev pkg-config --exists sqlite3
  want libmimalloc-dev test -e "/usr/lib/$(uname -m)-linux-gnu/libmimalloc.so"
  want zlib1g-dev pkg-config --exists zlib
}

want_bench() {
  want_build
  want nghttp2-client command -v h2load
  want nghttp2-server command -v nghttpd
}

want_transport() {
  want g++ command -v g++
  want libgrpc++-dev pkg-config --exists grpc++
  want golang-go command -v go
  want golang-google-grpc-dev test -e /usr/share/gocode/src/google.golang.org/grpc/server.go
  want libssl-dev pkg-config --exists openssl
  want openssl command -v openssl
  want python3 command -v python3
}

want_trip() {
  want gcc command -v gcc
  want python3 command -v python3
  [ -e "${EVENT_GATEWAY_PEERS:-../shared/peers}/build.sh" ] || return 0
  want g++ command -v g++
  want python3-venv python3 -c 'import venv, ensurepip'
  want redis-server command -v redis-server
  want libhiredis-dev test -e /usr/include/hiredis/hiredis.h
  want rabbitmq-server test -e /usr/lib/rabbitmq/bin/rabbitmq-server
  want librabbitmq-dev test -e /usr/include/amqp.h
  want postgresql-15 test -e /usr/lib/postgresql/15/bin/postgres
  want libpq-dev test -e /usr/include/postgresql/libpq-fe.h
  want libnats-dev test -e /usr/include/nats/nats.h
  want libgearman-dev test -e /usr/include/libgearman/gearman.h
  want libgrpc++-dev pkg-config --exists grpc++
  want protobuf-compiler command -v protoc
  want protobuf-compiler-grpc command -v grpc_cpp_plugin
}

want_instructions() {
  want valgrind command -v valgrind
}

want_demo() {
  want python3 command -v python3
}

want_proto() {
  want protobuf-compiler command -v protoc
  want protobuf-c-compiler command -v protoc-c
  want libprotobuf-dev test -e /usr/include/google/protobuf/any.proto
}

want_tests() {
  want python3 command -v python3
  want python3-venv python3 -c 'import venv, ensurepip'
}

want_clients() {
  want_tests
  want protobuf-compiler command -v protoc
  want golang-go command -v go
  want golang-google-grpc-dev test -e /usr/share/gocode/src/google.golang.org/grpc/server.go
  # Its other version of protobuf is too old for what protoc-gen-go makes.
  want golang-github-golang-protobuf-1-5-dev \
    test -e /usr/share/gocode/src/google.golang.org/protobuf/proto/proto.go
  want protoc-gen-go command -v protoc-gen-go
  want protoc-gen-go-grpc command -v protoc-gen-go-grpc
  want g++ command -v g++
  want pkg-config command -v pkg-config
  want libgrpc++-dev pkg-config --exists grpc++
  want protobuf-compiler-grpc command -v grpc_cpp_plugin
  want ruby command -v ruby
  want ruby-grpc ruby -e 'require "grpc"'
  want ruby-grpc-tools command -v grpc_tools_ruby_protoc
  want default-jdk-headless command -v javac
  want protobuf-compiler-grpc-java-plugin command -v grpc_java_plugin
  want libgrpc-java test -e /usr/share/java/grpc-netty.jar
  want libprotobuf-java test -e /usr/share/java/protobuf.jar
  want libguava-java test -e /usr/share/java/guava.jar
  want libnetty-java test -e /usr/share/java/netty-codec-http2.jar
  want libperfmark-java test -e /usr/share/java/perfmark-api.jar
  want libgeronimo-annotation-1.3-spec-java \
    test -e /usr/share/java/geronimo-annotation-1.3-spec.jar
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_missing() {
  [ -n "$missing" ] || return 0
  if ! command -v apt-get >/dev/null; then
    echo "setup: missing here (by their Debian names):$missing" >&2
    echo "setup: this system has no apt; install them with its own package manager, then try" \
      "again." >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "setup: missing here:$missing" >&2
    echo "setup: as root, run: apt-get install --no-install-recommends$missing" >&2
    exit 1
  fi
  echo "setup: installing$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086  # a list of words on purpose
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends $missing >/dev/null
}

# The environment keeps a copy of the list that it was made from, and is made anew when they differ.
make_python_environment() {
  list=Tests/EndToEnd/requirements.txt
  if cmp -s "$list" .venv/requirements.txt && .venv/bin/python -c '' 2>/dev/null; then return; fi
  echo "setup: making .venv with the clients of $list"
  python3 -m venv --clear .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$list"
  cp "$list" .venv/requirements.txt
}

# add_to_environment LIST NAME: the environment keeps a copy of it by that name.
add_to_environment() {
  if cmp -s "$1" ".venv/$2.txt"; then return; fi
  echo "setup: adding $1 to .venv"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --requirement "$1"
  cp "$1" ".venv/$2.txt"
}

tests=no
peers=no
clients=no
for part in "$@"; do
  case $part in
    swift | build | bench | transport | trip | instructions | demo | proto) "want_$part" ;;
    tests) want_tests && tests=yes ;;
    peers) want_tests && tests=yes && peers=yes ;;
    clients) want_clients && tests=yes && clients=yes ;;
    *) echo "setup: unknown part '$part'" >&2 && exit 64 ;;
  esac
done
install_missing
if [ $tests = yes ]; then make_python_environment; fi
if [ $peers = yes ]; then add_to_environment Benchmarks/requirements.txt peers; fi
if [ $clients = yes ]; then add_to_environment Tests/Clients/requirements.txt clients; fi
