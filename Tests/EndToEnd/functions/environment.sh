#!/bin/sh
# Prints its environment.
exec env
