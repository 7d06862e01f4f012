#!/bin/sh
# Runs a Python program; its exit status is the test's.
exec /usr/bin/python3 "$@"
