#!/bin/sh
# Writes COUNT bytes of output.
# usage: flood.sh COUNT
head -c "$1" /dev/zero | tr '\0' 'x'
