#!/bin/sh
# Appends to FILE which trigger came for which subscription, and the payload's checksum.
# usage: record.sh FILE
sum=$(sha256sum)
echo "$CE_ID $CE_DISPATCHSUBSCRIPTION ${sum%% *}" >>"$1"
