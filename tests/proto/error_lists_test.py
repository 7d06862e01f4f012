"""The protos list the errors of each operation as the contract does, in its order.

Usage: error_lists_test.py DUMP_CONTRACT ERROR_LISTS
"""

import json
import pathlib
import subprocess
import sys


def read_lists(path):
    """Returns [(operation, [error])], in the order of the file."""
    lists = []
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith("  "):
            lists[-1][1].append(line.strip())
        elif not line.startswith("#"):
            lists.append((line, []))
    return lists


def main():
    # The day of the contract.
    command = [sys.argv[1], "2019-09-12"]
    dump = subprocess.run(command, check=True, capture_output=True)
    operations = json.loads(dump.stdout)["operations"]
    ours = [(name, operation["errors"]) for name, operation in operations.items()]
    theirs = read_lists(sys.argv[2])
    if len(theirs) != 15:
        sys.exit(f"{sys.argv[2]}: {len(theirs)} operations, not 15")
    if ours != theirs:
        for ours_of, theirs_of in zip(ours, theirs):
            if ours_of != theirs_of:
                print("the protos say ", *ours_of)
                print("the contract has", *theirs_of)
        sys.exit("the lists differ, or their order does")
    print("15 lists are the same")


if __name__ == "__main__":
    main()
