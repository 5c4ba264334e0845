#!/bin/sh
# Prints each argument on a line.
printf '%s\n' "$@"
