#!/bin/sh
# Notes its start in FOLDER/starts and dies before it has answered anything.
# usage: dies_at_once.sh FOLDER
echo start >>"$1/starts"
exit 1
