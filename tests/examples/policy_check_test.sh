#!/bin/sh
# Checks what examples/policy_check prints for a good policy and for a bad one.
#
#   policy_check_test.sh PROGRAM GOOD_POLICY
set -u
program=$1
good=$2

if ! output=$("$program" <"$good") || [ -n "$output" ]; then
  echo "a good policy has findings: $output"
  exit 1
fi
expected='1:26: Effect must be "Allow" or "Deny", in exactly this case [INVALID_EFFECT]'
if ! "$program" </dev/null | grep -q '^1:1: .* \[JSON_SYNTAX_ERROR\]$'; then
  echo "no text at all is a policy"
  exit 1
fi
output=$(printf '%s' '{"Statement": {"Effect": "allow", "Principal": "*",
"Action": "*", "Resource": "arn:aws:glue:us-east-1:123456789012:*"}}' |
  "$program")
if [ "$output" != "$expected" ]; then
  echo "it prints: $output"
  exit 1
fi
