#!/bin/sh
# Fails as it is told: with an exit code, or by a signal if it begins with a minus.
echo "about to fail" >&2
case $1 in
-*) kill "$1" $$ ;;
*) exit "$1" ;;
esac
