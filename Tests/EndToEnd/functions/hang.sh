#!/bin/sh
# Never ends, nor does its child; both ignore SIGTERM. FOLDER/pids gets their process ids.
# usage: hang.sh FOLDER
trap '' TERM
sleep 1000 &
echo "$$ $!" >"$1/pids.new"
mv "$1/pids.new" "$1/pids"
wait
