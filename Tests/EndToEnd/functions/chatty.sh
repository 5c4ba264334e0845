#!/bin/sh
# Writes two lines of output and two of logs, and waits for a word between them.
# usage: chatty.sh FIFO
echo "first"
echo "looking" >&2
read -r word <"$1"
echo "second $word"
echo "done" >&2
