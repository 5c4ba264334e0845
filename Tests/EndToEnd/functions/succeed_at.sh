#!/bin/sh
# Fails until its NUMBERth run; FILE counts the runs.
# usage: succeed_at.sh NUMBER FILE
echo run >>"$2"
runs=$(wc -l <"$2")
echo "run $((runs))"
[ "$runs" -ge "$1" ]
