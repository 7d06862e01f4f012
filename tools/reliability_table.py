#!/usr/bin/python3
"""Writes the table of docs/reliability.md from the reports of campaigns.

Usage: tools/reliability_table.py [--page FILE] [--attacks FILE] REPORT...

A report is written by tests/hostile/campaign.py: a line of JSON for each run of an
attack. The runs of an attack are added up: those of several rounds, and of builds with
and without sanitizers. An attack of tests/hostile (or of --attacks, a list of names)
without inputs is an error, and so is a report of an unknown attack; then nothing is
written.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- reliability begin: tools/reliability_table.py writes this -->"
END = "<!-- reliability end -->"
HEAD = (
    "| attack | inputs tried | survived | the honest client's p99 | server's memory at most |",
    "|---|---|---|---|---|",
)


def read_reports(paths):
    """Yields the runs, in order. Exits when a line is not a run."""
    for path in paths:
        for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
            try:
                run = json.loads(line)
                run["class"], run["about"], run["tried"] + run["survived"]
            except (ValueError, KeyError, TypeError):
                sys.exit(f"{path}:{number}: not a result of an attack")
            yield run


def add_up(runs, names):
    """Returns name -> the sums of its runs, in the order of `names`."""
    sums = {
        name: {"about": "", "tried": 0, "survived": 0, "p99": None, "peak": None, "bound": None}
        for name in names
    }
    for run in runs:
        if run["class"] not in sums:
            sys.exit(f"there is no attack {run['class']}")
        row = sums[run["class"]]
        row["about"] = run["about"]
        row["tried"] += run["tried"]
        row["survived"] += run["survived"]
        # Sanitizer runs have a time and memory of their own, which do not count.
        if run.get("sanitizers"):
            continue
        if "p99_ms" in run.get("honest", {}):
            row["p99"] = max(row["p99"] or 0, run["honest"]["p99_ms"])
        if "bound_mib" in run:
            row["peak"] = max(row["peak"] or 0, run["peak_mib"])
            row["bound"] = run["bound_mib"]
    return sums


def lines(sums):
    """Yields the lines of the table. Exits when an attack has tried nothing."""
    yield from HEAD
    for name, row in sums.items():
        if row["tried"] == 0:
            sys.exit(f"{name}: no inputs tried")
        p99 = "" if row["p99"] is None else f"{row['p99']:,.1f} ms"
        memory = (
            "" if row["bound"] is None
            else f"{row['peak']:,.0f} of {row['bound']:,.0f} MiB"
        )
        survived = f"{row['survived']:,}"
        if row["survived"] != row["tried"]:
            survived = f"**{survived}**"
        about = row["about"].replace("|", "\\|")
        yield f"| {about} | {row['tried']:,} | {survived} | {p99} | {memory} |"


def attack_names(path):
    if path is not None:
        return pathlib.Path(path).read_text().split()
    out = subprocess.run(
        [sys.executable, ROOT / "tests" / "hostile" / "campaign.py", "--list"],
        check=True, capture_output=True, text=True,
    )
    return out.stdout.split()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--page", default=ROOT / "docs" / "reliability.md")
    parser.add_argument("--attacks")
    parser.add_argument("reports", nargs="+")
    arguments = parser.parse_args()
    sums = add_up(read_reports(arguments.reports), attack_names(arguments.attacks))
    table = "\n".join([BEGIN, *lines(sums), END])
    page = pathlib.Path(arguments.page)
    text = page.read_text()
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    if not re.search(pattern, text, re.S):
        sys.exit(f"{page.name}: no place for the table")
    page.write_text(re.sub(pattern, lambda _: table, text, flags=re.S))


if __name__ == "__main__":
    main()
