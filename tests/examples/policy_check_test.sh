#!/bin/sh
# Checks the output and the exit status of examples/policy_check.
#
#   policy_check_test.sh PROGRAM BAD_POLICY EXPECTED_OUTPUT GOOD_POLICY
set -u
program=$1
bad=$2
expected=$3
good=$4
output=$TEST_TMPDIR/output
failures=0

# Checks the exit status and the end of the output: expect STATUS LAST_LINE ARGUMENT...
expect() {
  status=$1
  last_line=$2
  shift 2
  "$program" "$@" >"$output" 2>&1
  actual=$?
  if [ "$actual" -ne "$status" ]; then
    echo "policy_check $*: exit status $actual, expected $status"
    failures=$((failures + 1))
  fi
  if [ "$(tail -n 1 "$output")" != "$last_line" ]; then
    echo "policy_check $*: the output ends differently, expected: $last_line"
    cat "$output"
    failures=$((failures + 1))
  fi
}

usage_end="are wrong or FILE cannot be read."
own="of account 210987654321, eu-west-1"

# Checks the whole output, and that a file name is relative to the caller's folder.
BUILD_WORKING_DIRECTORY=$PWD/$(dirname "$bad")
export BUILD_WORKING_DIRECTORY
"$program" "$(basename "$bad")" >"$output"
if [ $? -ne 1 ] || ! diff -u "$expected" "$output"; then
  echo "the output is not that of $expected"
  failures=$((failures + 1))
fi
unset BUILD_WORKING_DIRECTORY

expect 0 "$good: no findings" "$good"
expect 0 "$good: no findings" "$good" --level grammar
expect 0 "$bad: no findings" "$bad" --level json
expect 0 "$good: no findings" --account 123456789012 --region us-east-1 "$good"
expect 1 "$good: 2 errors in a policy of account 123456789012, eu-west-1" \
  "$good" --region eu-west-1
expect 1 "$good: 2 errors in a policy of account 1, us-east-1" \
  "$good" --account 1
expect 1 "$bad: 6 errors in a policy $own" "$bad" --level grammar

deny=$TEST_TMPDIR/deny.json
cat >"$deny" <<'END'
{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "*",
               "Resource": "arn:aws:glue:us-east-1:123456789012:*"}}
END
expect 0 "$deny: no findings" "$deny"
expect 1 "$deny: 1 error in a policy of account 123456789012, us-east-1" \
  "$deny" --caller arn:aws:iam::123456789012:user/alice

: >"$TEST_TMPDIR/empty"
expect 1 \
  "$TEST_TMPDIR/empty: 1 error in a policy of account 123456789012, us-east-1" \
  "$TEST_TMPDIR/empty"

expect 2 "$TEST_TMPDIR/nowhere: cannot be read" "$TEST_TMPDIR/nowhere"
expect 2 "$TEST_TMPDIR: cannot be read" "$TEST_TMPDIR"
expect 2 "$usage_end"
expect 2 "$usage_end" "$good" "$bad"
expect 2 "$usage_end" "$good" --account
expect 2 "$usage_end" "$good" --level kGlue
expect 2 "$usage_end" "$good" --unknown x
expect 0 "$usage_end" --help

exit "$failures"
