#!/bin/sh
# Runs a Python program and exits with its status.
exec /usr/bin/python3 "$@"
