#!/bin/sh
# Notes its run in FOLDER/runs and ends when somebody writes to FOLDER/gate, a FIFO.
# usage: wait_for.sh FOLDER
echo "$CE_ID" >>"$1/runs"
read -r word <"$1/gate"
echo "$word"
