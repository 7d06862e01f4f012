#!/usr/bin/python3
"""Runs glue-conformance and writes docs/conformance.md: our server in its three
behaviours, and each endpoint that is given.

Usage: tools/conformance_page.py [--program FILE --server FILE] [--keep NAME]...
           ["NAME = URL FLAG..."]...

    tools/conformance_page.py "moto 5.2.1 = http://127.0.0.1:5000 --profile moto"

NAME says what was run, with its version; the flags are those of glue-conformance. The
endpoint must be running, and loses its data. --keep leaves what the page says about an
endpoint as it is, for one that is not at hand. Without --program and --server both are
built with Bazel.
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformance.md"
PROGRAM = "glue_security/testing/remote/glue-conformance"
SERVER = "glue_security/server/binary/glue-security-server"
BEHAVIORS = ("documented", "observed", "current")
# How many bytes of an answer a fault shows.
SHOWN_MAX = 120

HEAD = """\
# Conformance

What [glue-conformance](testing_kit/any_language.md) says about mocks of the Security API. \
`tools/conformance_page.py` writes this page; an endpoint that was not run is not here.

A check rests on a sentence of the contract, on a recorded answer of the real service, or on \
a choice of this project where both are silent. Only the first makes a fault. A check is \
skipped where the wire does not show what it judges.
"""


def build():
    subprocess.run(
        ["./bazelw", "build", "--noshow_progress", "//glue_security/testing:glue-conformance",
         "//glue_security/server:glue-security-server"],
        check=True,
        cwd=ROOT,
    )
    return ROOT / "bazel-bin" / PROGRAM, ROOT / "bazel-bin" / SERVER


def judge(program, flags):
    """Returns the report on an endpoint."""
    done = subprocess.run([program, "--format=json", *flags], stdout=subprocess.PIPE, text=True)
    if done.returncode not in (0, 1):
        raise SystemExit(f"glue-conformance {shlex.join(flags)} ended with {done.returncode}")
    return json.loads(done.stdout)


def judge_ours(program, server, behavior):
    process = subprocess.Popen(
        [server, "--port=0", "--control", "--log=off", f"--behavior={behavior}"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        url = process.stdout.readline().strip()
        return judge(program, [url, "--profile=glue-security", f"--behavior={behavior}"])
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


def commit():
    """Returns the commit of this tree, and whether it was changed since."""
    out = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    return out.stdout.strip() or "unknown"


def cell_text(text):
    """Returns `text` as a part of one line of Markdown."""
    text = re.sub(r"\s+", " ", text).strip()
    return text.replace("|", "\\|").replace("<", "&lt;")


def code(text):
    text = re.sub(r"\s+", " ", text).strip().replace("`", "'")
    return f"`{text if len(text) <= SHOWN_MAX else text[:SHOWN_MAX] + '…'}`"


def link(source):
    """Returns the sources of a check, URLs or pages of this repository, as links."""
    links = []
    for name in re.split(r"[,;]\s+", source):
        if "://" in name:
            links.append(f"[the guide]({name})")
        elif name.startswith("docs/"):
            shown = pathlib.Path(name).stem
            links.append(f"[{shown}]({os.path.relpath(name, 'docs')})")
        else:
            links.append(name)
    return ", ".join(links)


def judged(row):
    return row["passed"] + sum(row["failed_by_" + by] for by in ("contract", "record", "choice"))


class Kept:
    """What the page says about an endpoint: its column and its section."""

    def __init__(self, page, name):
        lines = page.splitlines()
        rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
        heads = [row for row in rows if row[0] == "operation" and name in row]
        if not heads or f"## {name}" not in lines:
            raise SystemExit(f"the page says nothing about {name}")
        column = heads[0].index(name)
        self.cells = {
            row[0]: row[column]
            for row in rows[rows.index(heads[0]) + 1 :]
            if len(row) == len(heads[0])
        }
        begin = lines.index(f"## {name}")
        end = next(
            (i for i in range(begin + 1, len(lines)) if lines[i].startswith("## ")), len(lines)
        )
        self.section = lines[begin:end]


def table(reports, kept):
    """Yields the lines of the table: operation × endpoint."""
    operations = []
    for report in reports.values():
        for row in report["table"]:
            if row["operation"] not in operations:
                operations.append(row["operation"])
    # The checks of several operations come last.
    operations.sort(key=lambda name: name.startswith("several"))
    yield "| operation | " + " | ".join([*reports, *kept]) + " |"
    yield "|---|" + "---|" * (len(reports) + len(kept))
    totals = {name: [0, 0, 0] for name in reports}
    for operation in [*operations, None]:
        cells = []
        for name, report in reports.items():
            if operation is None:
                passed, of, faults = totals[name]
            else:
                rows = [row for row in report["table"] if row["operation"] == operation]
                passed = sum(row["passed"] for row in rows)
                of = sum(judged(row) for row in rows)
                faults = sum(row["failed_by_contract"] for row in rows)
                for index, value in enumerate((passed, of, faults)):
                    totals[name][index] += value
            text = f"{passed} of {of}" if of else "not judged"
            cells.append(f"{text}, **{faults} against the contract**" if faults else text)
        name = operation or "all"
        cells += [one.cells.get(name, "not judged") for one in kept.values()]
        yield f"| {name} | " + " | ".join(cells) + " |"


def faults(report):
    """Yields the lines of the groups of failures by the contract."""
    results = {result["check"]: result for result in report["results"]}
    for group in report["groups"]:
        checks = [c for c in group["checks"] if results[c]["basis"] == "contract"]
        if not checks:
            continue
        first = results[checks[0]]
        yield (
            f"| {len(checks)} | {cell_text(group['difference'])} | "
            f"{cell_text(first['says'])} ({link(first['source'])}) | "
            f"{code(first['expected'])} | {code(first['actual'])} | `{checks[0]}` |"
        )


def section(name, report, when):
    """Yields the lines about one endpoint."""
    yield f"## {name}"
    yield ""
    others = [
        f"{sum(1 for r in report['results'] if r['verdict'] == 'failed' and r['basis'] == basis)} {by}"
        for basis, by in (("contract", "by the contract"), ("record", "by a record"),
                          ("choice", "by a choice"))
    ]
    yield (
        f"Run on {when} with the behaviour {report['behavior']}"
        + (f" and the profile {report['profile']}" if report["profile"] else "")
        + f": {report['judged']} checks judged, {report['passed']} passed, "
        f"{report['skipped']} skipped. Failed: {', '.join(others)}."
    )
    yield ""
    lines = list(faults(report))
    if lines:
        yield "| checks | fault | the contract, for the first check | expected | actual | it |"
        yield "|---|---|---|---|---|---|"
        yield from lines
        yield ""
    yield "| skipped | reason |"
    yield "|---|---|"
    for reason in report["reasons"]:
        yield f"| {reason['count']} | {cell_text(reason['reason'])} |"
    yield ""


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--program")
    parser.add_argument("--server")
    parser.add_argument("--keep", action="append", default=[], metavar="NAME")
    parser.add_argument("endpoints", nargs="*", metavar='"NAME = URL FLAG..."')
    arguments = parser.parse_args()
    endpoints = []
    for endpoint in arguments.endpoints:
        name, equals, flags = endpoint.partition(" = ")
        if not equals:
            parser.error(f"{endpoint!r} is not NAME = URL FLAG...")
        endpoints.append((name.strip(), shlex.split(flags)))
    kept = {name: Kept(PAGE.read_text(), name) for name in arguments.keep}
    program, server = arguments.program, arguments.server
    if not (program and server):
        program, server = build()

    when = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    version = commit()
    reports = {
        f"glue-security-server {version}, {behavior}": judge_ours(program, server, behavior)
        for behavior in BEHAVIORS
    }
    for name, flags in endpoints:
        reports[name] = judge(program, flags)
    lines = [HEAD, *table(reports, kept), ""]
    for name, report in reports.items():
        lines += section(name, report, when)
    for one in kept.values():
        lines += one.section
    PAGE.write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
