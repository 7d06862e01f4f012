#!/usr/bin/python3
"""Runs the benchmarks and writes their table into the README.

Usage: tools/benchmark_table.py [--min-time SECONDS]

Each figure stands beside its floor or its counterpart, both from one run; a figure
is the median of the repetitions.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- benchmarks begin: tools/benchmark_table.py writes this -->"
END = "<!-- benchmarks end -->"


def run(binary, min_time):
    target = f"//benchmarks:{binary}"
    subprocess.run(
        ["./bazelw", "build", "--config=opt", "--noshow_progress", target],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    out = subprocess.run(
        [
            ROOT / "bazel-bin" / "benchmarks" / binary,
            "--benchmark_format=json",
            f"--benchmark_min_time={min_time}",
            "--benchmark_repetitions=5",
            "--benchmark_report_aggregates_only=true",
        ],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return {
        entry["run_name"]: entry
        for entry in json.loads(out.stdout)["benchmarks"]
        if entry.get("aggregate_name") == "median"
    }


def nanoseconds(entry):
    unit = {"ns": 1, "us": 1e3, "ms": 1e6}[entry["time_unit"]]
    return entry["real_time"] * unit


def figure(ns):
    return f"{ns:,.0f} ns" if ns < 10_000 else f"{ns / 1000:,.1f} µs"


def rows(core, engine, policy):
    """(work, figure, beside what, its figure, ratio, bound, met)"""

    def ratio_row(work, name, beside, other, bound, of=engine):
        a, b = nanoseconds(of[name]), nanoseconds(of[other])
        ratio = a / b
        return (work, figure(a), beside, figure(b), f"{ratio:.2f}", f"≤ {bound}",
                ratio <= bound)

    def bound_row(work, entry, bound):
        ns = nanoseconds(entry)
        return (work, figure(ns), "", "", "", f"≤ {bound} ns", ns <= bound)

    one = engine["BM_VisitResourcePolicy/real_time/threads:1"]
    two = engine["BM_VisitResourcePolicy/real_time/threads:2"]
    yield bound_row("GetResourcePolicy, borrowed view", one, 50)
    scale = two["items_per_second"] / one["items_per_second"]
    yield ("the same, two threads, calls a second",
           f"{two['items_per_second'] / 1e6:.1f} M", "one thread",
           f"{one['items_per_second'] / 1e6:.1f} M", f"{scale:.2f}", "≥ 1.8",
           scale >= 1.8)
    for name in ("threads:1", "threads:2"):
        copied = engine[f"BM_GetResourcePolicy/real_time/{name}"]
        yield (f"GetResourcePolicy, copied, {name[-1]} thread(s), calls a second",
               f"{copied['items_per_second'] / 1e6:.1f} M", "", "", "", "", None)
    for level, bound in (("Json", 1.5), ("Glue", 2.0)):
        for size, label in ((1024, "1 KB"), (10240, "10 KB")):
            yield ratio_row(f"PutResourcePolicy {label}, `k{level}`",
                            f"BM_PutResourcePolicy_{level}/{size}",
                            "SHA-256 + parse + copy + map update",
                            f"BM_PutFloor_HashParseCopyUpdate/{size}", bound)
    for size, label in ((1024, "1 KB"), (10240, "10 KB")):
        yield ratio_row(f"parse and check of a policy, {label}",
                        f"BM_ParseAndCheck/{size}", "simdjson's bare parse",
                        f"BM_ParseFloor_Simdjson/{size}", 4, policy)
    yield bound_row("a decision over 10 statements", policy["BM_Decide"], 500)
    yield ("the same, with its reasons",
           figure(nanoseconds(policy["BM_EvaluateWithReasons"])), "", "", "", "",
           None)
    yield ratio_row("the same page of 100 of 1,000,000", "BM_SamePage/1000000",
                    "of 1,000", "BM_SamePage/1000", 1.2)
    yield ratio_row("a random page of 100 of 1,000,000", "BM_RandomPage/1000000",
                    "the same page of 1,000", "BM_SamePage/1000", 3)
    yield ratio_row("create at 1,000,000", "BM_Create/1000000", "at 1,000",
                    "BM_Create/1000", 3)
    eight = engine["BM_CreateInOneCatalog/real_time/threads:8"]
    single = engine["BM_CreateInOneCatalog/real_time/threads:1"]
    share = eight["items_per_second"] / single["items_per_second"]
    yield ("8 threads creating in one catalog, creates a second",
           f"{eight['items_per_second'] / 1e3:.0f} k", "one thread",
           f"{single['items_per_second'] / 1e3:.0f} k", f"{share:.2f}", "≥ 1.0",
           share >= 1.0)
    yield ratio_row("fork of 1,000,000", "BM_Fork/1000000", "of 1,000",
                    "BM_Fork/1000", 1.2)
    memory = engine["BM_MemoryPerConfiguration/iterations:1"]
    yield ("memory of one configuration", f"{memory['bytes']:.0f} bytes",
           "serialized", f"{memory['serialized']:.0f} bytes",
           f"{memory['ratio']:.2f}", "≤ 3", memory["ratio"] <= 3)
    for name, entry in core.items():
        if not name.startswith("BM_Validate/"):
            continue
        operation = entry.get("label", name)
        bound = 400 if operation == "CreateSecurityConfiguration" else 100
        yield bound_row(f"validation of {operation}", entry, bound)
    floor = core["BM_ValidateFloor_ScanOfTheText"]
    yield ("floor of validation: a look at 245 bytes", figure(nanoseconds(floor)),
           "", "", "", "", None)
    for name, entry in core.items():
        if name.startswith("BM_Step/"):
            yield (f"`Step` of {entry.get('label', name)}",
                   figure(nanoseconds(entry)), "", "", "", "", None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--min-time", default="0.1")
    arguments = parser.parse_args()
    core = run("core_benchmark", arguments.min_time)
    engine = run("engine_benchmark", arguments.min_time)
    policy = run("policy_benchmark", arguments.min_time)
    lines = [
        BEGIN,
        "| work | figure | beside | its figure | ratio | bound | met |",
        "|---|---|---|---|---|---|---|",
    ]
    for *cells, met in rows(core, engine, policy):
        mark = {True: "yes", False: "**no**", None: ""}[met]
        lines.append("| " + " | ".join([*cells, mark]) + " |")
    lines.append(END)
    readme = ROOT / "README.md"
    text = readme.read_text()
    pattern = re.escape(BEGIN) + ".*" + re.escape(END)
    if not re.search(pattern, text, re.S):
        sys.exit("README.md: no place for the table")
    readme.write_text(re.sub(pattern, lambda _: "\n".join(lines), text, flags=re.S))
    print("\n".join(lines))


if __name__ == "__main__":
    main()
