#!/usr/bin/python3
"""Reports the coverage that tools/coverage.sh measured; fails below 100 %.

  tools/coverage_report.py LCOV JSON

Both files come from `llvm-cov export`. Code between UNCOVERED-BEGIN and UNCOVERED-END
does not count.
"""

import collections
import json
import os
import pathlib
import re
import sys

PACKAGES = ("glue_security/state_machine/", "glue_security/validation/")


def short(path):
    """Returns the path within the repository, or None for other sources."""
    for package in PACKAGES:
        at = path.find(package)
        if at >= 0:
            return path[at:]
    return None


def left_out(path):
    """Returns the lines of a source that cannot run, and the number of their parts."""
    lines = set()
    parts = []
    reason = None
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        match = re.search(r"// UNCOVERED-BEGIN: (.+)", line)
        if match is not None:
            if reason is not None:
                sys.exit(f"{path}:{number}: UNCOVERED-BEGIN within another")
            reason = match.group(1)
            parts.append((path, number, reason))
        if "UNCOVERED-BEGIN" in line and match is None:
            sys.exit(f"{path}:{number}: UNCOVERED-BEGIN without a reason")
        if reason is not None:
            lines.add(number)
        if "// UNCOVERED-END" in line:
            if reason is None:
                sys.exit(f"{path}:{number}: UNCOVERED-END without a beginning")
            reason = None
    if reason is not None:
        sys.exit(f"{path}: UNCOVERED-BEGIN without an end")
    return lines, parts


def read_lines(lcov):
    """Returns path -> line -> how often it ran."""
    counts = collections.defaultdict(dict)
    path = None
    for row in pathlib.Path(lcov).read_text().splitlines():
        if row.startswith("SF:"):
            path = short(row[3:])
        elif row.startswith("DA:") and path is not None:
            line, count = row[3:].split(",")[:2]
            counts[path][int(line)] = max(counts[path].get(int(line), 0), int(count))
    return counts


def read_branches(data):
    """Returns path -> (line, column, ...) -> how often it was taken each way.

    A template's instances count together.
    """
    counts = collections.defaultdict(lambda: collections.defaultdict(lambda: [0, 0]))
    for function in data["functions"]:
        files = function["filenames"]
        for branch in function.get("branches", ()):
            path = short(files[branch[6]])
            if path is None:
                continue
            both = counts[path][tuple(branch[:4])]
            both[0] += branch[4]
            both[1] += branch[5]
    return counts


def main():
    lcov, exported = sys.argv[1:]
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    data = json.loads(pathlib.Path(exported).read_text())["data"][0]
    lines = read_lines(lcov)
    branches = read_branches(data)
    total = [0, 0, 0, 0]
    missing = []
    parts = []
    switches = 0
    print(f"{'lines':>12} {'branches':>12}")
    for path in sorted(lines):
        skipped, found = left_out(path)
        source = pathlib.Path(path).read_text().splitlines()
        parts += found
        ran = [0, 0, 0, 0]
        for line, count in sorted(lines[path].items()):
            if line in skipped:
                continue
            ran[0] += count > 0
            ran[1] += 1
            if count == 0:
                missing.append(f"{path}:{line}: never runs")
        for place, counts in sorted(branches[path].items()):
            if place[0] in skipped:
                continue
            if source[place[0] - 1][: place[1] - 1].endswith("switch ("):
                # The branch past all labels does not count: the compiler checks
                # that every enumerator has a label.
                switches += 1
                continue
            ran[2] += sum(count > 0 for count in counts)
            ran[3] += 2
            for count, what in zip(counts, ("true", "false")):
                if count == 0:
                    missing.append(f"{path}:{place[0]}:{place[1]}: never {what}")
        print(f"{ran[0]:5} /{ran[1]:5} {ran[2]:5} /{ran[3]:5}  {path}")
        total = [a + b for a, b in zip(total, ran)]
    print(f"left out: the way past all labels of {switches} switches")
    for path, number, reason in parts:
        print(f"left out: {path}:{number}: {reason}")
    for line in missing:
        print(line)
    if total[1] == 0 or total[3] == 0:
        sys.exit("coverage_report.py: nothing was measured")
    decisions = [0, 0]
    for file in data["files"]:
        if short(file["filename"]) is not None:
            summary = file["summary"].get("mcdc", {"covered": 0, "count": 0})
            decisions[0] += summary["covered"]
            decisions[1] += summary["count"]
    print(f"lines {total[0] / total[1]:.2%} of {total[1]}, "
          f"branches {total[2] / total[3]:.2%} of {total[3]}")
    if decisions[1] > 0:
        print(f"MC/DC {decisions[0] / decisions[1]:.2%} of {decisions[1]} conditions")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
