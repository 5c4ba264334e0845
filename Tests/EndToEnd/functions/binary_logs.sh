#!/bin/sh
# Logs bytes that are no UTF-8, and a last line without its end.
printf 'caf\351\n' >&2
printf 'no end' >&2
