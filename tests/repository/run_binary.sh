#!/bin/sh
# Runs an example; its exit status is the test's.
exec "$@"
