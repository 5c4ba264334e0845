#!/bin/sh
# Does not read its payload.
exec <&-
echo "did not listen"
