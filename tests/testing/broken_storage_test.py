"""StorageConformance finds the defects of broken storages.

  broken_storage_test.py PROGRAM
"""

import re
import subprocess
import sys


def run(program, *args):
    done = subprocess.run([program, *args], capture_output=True, text=True)
    return done.returncode, done.stdout


def check_runs(program):
    """Checks that the suite fails, passes and skips as it should. Yields findings."""
    status, output = run(program, "--gtest_filter=Broken/*")
    failed = set(re.findall(r"^\[  FAILED  \] (\S+), where", output, re.M))
    expected = {
        "Broken/StorageConformance.S12_RemovingWhatDoesNotExistChangesNothing"
        "/RemovalOfNoneConflicts",
        "Broken/StorageConformance.S10_AnotherBranchIsRefused/BranchIgnored",
    }
    if status == 0 or failed != expected:
        yield f"broken storages: exit status {status}, failed are {sorted(failed)}"
    if len(re.findall(r"^\[       OK \]", output, re.M)) != 2 * 19 - 2:
        yield "broken storages: the other clauses do not hold"
    status, output = run(program, "--gtest_filter=Declared/*")
    skipped = set(re.findall(r"^\[  SKIPPED \] (\w+/\S+)", output, re.M))
    if status != 0 or skipped != {
        "Declared/StorageConformance.S12_RemovingWhatDoesNotExistChangesNothing"
        "/RemovalOfNoneConflicts"
    }:
        yield f"a declared deviation: exit status {status}, skipped {skipped}"


def main():
    findings = list(check_runs(sys.argv[1]))
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
