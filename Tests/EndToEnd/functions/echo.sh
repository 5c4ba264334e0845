#!/bin/sh
# Gives back its payload.
exec cat
