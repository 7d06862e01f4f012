#!/usr/bin/python3
"""Counts the instructions that hostile input costs, and how they grow.

Usage: tools/growth.py [--unoptimized] [CASE...]

Each case of //tests/growth:growth_cases runs for N and for 8 N under cachegrind, which
counts instructions: no clock, no noise. Linear work grows 8 times, sorting a little
more, quadratic work 64 times. The exit status is 1 when a case grows more than 12
times, or hardly at all: then the count is not that of the input. --unoptimized counts
in the build that the tests use; the growth is the same, the counts are higher.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = "//tests/growth:growth_cases"
BINARY = ROOT / "bazel-bin" / "tests" / "growth" / "growth_cases"
SIZES = (1_250, 10_000)
GROWTH_MIN = 2
GROWTH_MAX = 12


def instructions(case, size):
    """Returns the instructions that the process executes, its start included."""
    out = subprocess.run(
        [
            "valgrind",
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
            BINARY,
            case,
            str(size),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return int(re.search(r"I +refs: +([\d,]+)", out.stderr)[1].replace(",", ""))


def measure(case):
    start = instructions(case, 0)
    return [instructions(case, size) - start for size in SIZES]


def main():
    arguments = sys.argv[1:]
    mode = ["--config=opt"]
    if "--unoptimized" in arguments:
        arguments.remove("--unoptimized")
        mode = []
    subprocess.run(
        ["./bazelw", "build", *mode, "--noshow_progress", "--ui_event_filters=-info",
         TARGET],
        check=True,
        cwd=ROOT,
    )
    cases = arguments or subprocess.run(
        [BINARY], check=True, capture_output=True, text=True
    ).stdout.split()
    failed = 0
    print(f"{'case':44} {SIZES[0]:>12,} {SIZES[1]:>14,}   grows to")
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        measured = list(pool.map(measure, cases))
    for case, (small, large) in zip(cases, measured):
        growth = large / max(small, 1)
        bad = not GROWTH_MIN <= growth <= GROWTH_MAX
        failed += bad
        print(f"{case:44} {small:12,} {large:14,}   {growth:.1f}"
              f"{'  WRONG' if bad else ''}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
