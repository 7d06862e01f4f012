#!/bin/sh
# Runs an example and exits with its status.
exec "$@"
