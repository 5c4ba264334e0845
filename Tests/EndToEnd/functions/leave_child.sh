#!/bin/sh
# Ends at once and leaves a child behind that holds its pipes. FOLDER/pids gets the child's id.
# usage: leave_child.sh FOLDER
sleep 1000 &
echo "$!" >"$1/pids.new"
mv "$1/pids.new" "$1/pids"
echo "left"
