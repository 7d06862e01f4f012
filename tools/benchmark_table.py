#!/usr/bin/python3
"""Runs the benchmarks and writes their table into docs/benchmarks.md, and the rows
that matter most into the README.

Usage: tools/benchmark_table.py [--min-time SECONDS]

Each figure is beside its floor or its counterpart, both from the same processes; a
time is the best of the repetitions.
"""

import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BEGIN = "<!-- benchmarks begin: tools/benchmark_table.py writes this -->"
END = "<!-- benchmarks end -->"
# Debian's Python, for whose boto3 the bounds are.
PYTHON = "/usr/bin/python3"
HEAD = [
    "| work | figure | beside | its figure | ratio | bound | met |",
    "|---|---|---|---|---|---|---|",
]
# The README has the rows that begin so.
README_ROWS = (
    "GetResourcePolicy, borrowed view",
    "PutResourcePolicy 1 KB",
    "parse and check of a policy, 1 KB",
    "a decision over 10 statements |",
    "GetResourcePolicy judged by its 10 statements, 1",
    "8 threads creating",
    "server: GetResourcePolicy_1KB, 16",
    "boto3, PutResourcePolicy, calls a second",
)


def run(binary, min_time, processes=1):
    """Returns the best of 9 repetitions, by name; of other figures, the medians.

    The best, because the speed of a machine that is shared changes while this runs,
    by a third and for seconds, so that medians of two benchmarks may be of different
    speeds. Spread over processes, because how memory happens to be laid out stays the
    same within one.
    """
    target = f"//benchmarks:{binary}"
    subprocess.run(
        ["./bazelw", "build", "--config=opt", "--noshow_progress", target],
        check=True,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    repetitions = {}
    for _ in range(processes):
        out = subprocess.run(
            [
                ROOT / "bazel-bin" / "benchmarks" / binary,
                "--benchmark_format=json",
                f"--benchmark_min_time={min_time}",
                f"--benchmark_repetitions={9 // processes}",
                # A figure and its floor are measured under the same noise.
                "--benchmark_enable_random_interleaving=true",
            ],
            check=True,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        for entry in json.loads(out.stdout)["benchmarks"]:
            if entry["run_type"] == "iteration":
                repetitions.setdefault(entry["run_name"], []).append(entry)
    return {name: summary(entries) for name, entries in repetitions.items()}


# Figures of which the least or the largest counts.
BEST = {"real_time": min, "cpu_time": min, "items_per_second": max, "per_minute": max}


def summary(entries):
    """Returns one entry for those of all repetitions."""
    return {
        key: BEST.get(key, statistics.median)([entry[key] for entry in entries])
        if isinstance(value, (int, float)) else value
        for key, value in entries[0].items()
    }


def run_json(*command):
    out = subprocess.run(
        [*command, "--json"],
        check=True,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    return json.loads(out.stdout)


def nanoseconds(entry):
    unit = {"ns": 1, "us": 1e3, "ms": 1e6}[entry["time_unit"]]
    return entry["real_time"] * unit


def figure(ns):
    return f"{ns:,.0f} ns" if ns < 10_000 else f"{ns / 1000:,.1f} µs"


def bound_figure(ns):
    return f"{ns} ns" if ns < 10_000 else f"{ns // 1000:,} µs"


def codec_rows(codec):
    """Yields the codec's requests and responses beside their floors."""
    for name, floor, work, beside in (
        ("BM_DecodeRequest", "BM_DecodeFloor_ParseAndCopy", "reading",
         "simdjson's parse and a copy of the texts"),
        ("BM_EncodeResponse", "BM_EncodeFloor_Copy", "writing the answer of",
         "a copy of its bytes"),
    ):
        for index in range(4):
            ours, other = codec[f"{name}/{index}"], codec[f"{floor}/{index}"]
            a, b = nanoseconds(ours), nanoseconds(other)
            yield (f"codec: {work} {ours['label']}", figure(a), beside, figure(b),
                   f"{a / b:.2f}", "", None)


def capi_rows(capi):
    """Yields calls through the C door beside the engine and the codec."""
    for index in range(2):
        for history in range(2):
            floor = capi[f"BM_CapiFloor_EngineAndCodec/{index}/{history}"]
            ours = capi[f"BM_CapiCall/{index}/{history}"]
            a, b = nanoseconds(ours), nanoseconds(floor)
            with_history = ", with its history" if history else ""
            kept = ", the messages kept" if history else ""
            yield (f"C door: {ours['label']}{with_history}", figure(a),
                   f"the engine and the codec{kept}", figure(b), f"{a / b:.2f}",
                   "≤ 1.3", a / b <= 1.3)


def server_rows(server):
    """Yields the server beside a bare one, on one core."""
    for name, entry in server.items():
        _, call, connections = name.split("/")
        ratio = entry["ratio"]
        yield (f"server: {call}, {connections} connection(s), requests for a second "
               "of its processor", f"{entry['per_cpu_s'] / 1e3:.0f} k",
               "a bare server of Boost.Beast, the same bytes",
               f"{entry['bare_per_cpu_s'] / 1e3:.0f} k", f"{ratio:.2f}", "≥ 0.6",
               ratio >= 0.6)
        yield ("the same, p50 and p99",
               f"{entry['p50_us']:.0f} and {entry['p99_us']:.0f} µs", "the bare server",
               f"{entry['bare_p50_us']:.0f} and {entry['bare_p99_us']:.0f} µs", "", "",
               None)


def upstream_rows(upstream):
    """Yields requests that are passed on beside a bare proxy, on one core."""
    for name, entry in upstream.items():
        _, connections, size = name.split("/")
        ratio = entry["ratio"]
        yield (f"server: a request passed on, answer of {int(size) // 1024} KB, "
               f"{connections} connection(s), requests for a second of its processor",
               f"{entry['per_cpu_s'] / 1e3:.0f} k",
               "a bare proxy of Boost.Beast, the same client and upstream",
               f"{entry['bare_per_cpu_s'] / 1e3:.0f} k", f"{ratio:.2f}", "≥ 0.5",
               ratio >= 0.5)
        yield ("the same, p50 and p99",
               f"{entry['p50_us']:.0f} and {entry['p99_us']:.0f} µs", "the bare proxy",
               f"{entry['bare_p50_us']:.0f} and {entry['bare_p99_us']:.0f} µs", "", "",
               None)


def client_rows(clients):
    """Yields the calls that boto3 makes."""
    for name, (ours, instant) in clients["boto3"].items():
        yield (f"boto3, {name}, calls a second", f"{ours:.0f}",
               "the same on a server that takes no time", f"{instant:.0f}",
               f"{ours / instant:.2f}", "≥ 0.9", ours / instant >= 0.9)
    for name, (ours, moto) in clients["moto"].items():
        if name == "server_us":
            yield ("processor time of the server for a call of boto3", f"{ours:.0f} µs",
                   "moto's server", f"{moto:,.0f} µs", f"{ours / moto:.3f}", "", None)
        else:
            yield (f"boto3, {name}, calls a second", f"{ours:.0f}", "moto's server",
                   f"{moto:.0f}", f"{ours / moto:.1f}", "", None)
    yield ("server: start to first answer", f"{clients['start_ms']:.1f} ms", "", "", "",
           "≤ 30 ms", clients["start_ms"] <= 30)
    yield ("server: resident memory then", f"{clients['resident_mib']:.1f} MiB", "", "",
           "", "≤ 20 MiB", clients["resident_mib"] <= 20)


def testing_rows(testing):
    """Yields the kit's calls per minute beside the engine's on the same calls."""
    for index, level in enumerate(("Json", "Glue")):
        ours = testing[f"BM_Sequences/{index}"]["per_minute"]
        for name, beside in (
            ("EngineAlone", "the engine alone on such calls"),
            ("ModelAlone", "the reference model alone"),
            ("GeneratorAlone", "the generator alone"),
        ):
            other = testing[f"BM_{name}/{index}"]["per_minute"]
            yield (f"testing kit, `k{level}`: calls generated, applied and compared a "
                   "minute", f"{ours / 1e6:.1f} M", beside, f"{other / 1e6:.1f} M",
                   f"{ours / other:.2f}", "", None)


def rows(core, engine, policy):
    """Yields (work, figure, beside what, its figure, ratio, bound, met)."""

    def ratio_row(work, name, beside, other, bound, of=engine):
        a, b = nanoseconds(of[name]), nanoseconds(of[other])
        ratio = a / b
        return (work, figure(a), beside, figure(b), f"{ratio:.2f}", f"≤ {bound}",
                ratio <= bound)

    def bound_row(work, entry, bound):
        ns = nanoseconds(entry)
        return (work, figure(ns), "", "", "", f"≤ {bound_figure(bound)}", ns <= bound)

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
    for name in ("threads:1", "threads:2"):
        judged = nanoseconds(engine[f"BM_GetResourcePolicy_Judged/real_time/{name}"])
        free = nanoseconds(engine[f"BM_GetFloor_NotJudged/real_time/{name}"])
        yield (f"GetResourcePolicy judged by its 10 statements, {name[-1]} thread(s)",
               figure(judged), "the same read without an authorizer", figure(free),
               f"+ {judged - free:.0f} ns", "≤ + 500 ns", judged - free <= 500)
    yield ("`Engine::Authorize` over 10 statements",
           figure(nanoseconds(engine["BM_Authorize"])), "", "", "", "", None)
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
    for what, name, bound in (
        ("a Deny and a known caller", "KnownCaller", 6),
        ("a Deny that spares the caller by its Condition", "CallerIsSpared", None),
        ("a hook for principals", "PrincipalExists", None),
        ("findings", "Findings", None),
    ):
        for size, label in ((1024, "1 KB"), (10240, "10 KB")):
            entry = policy[f"BM_ParseAndCheck_{name}/{size}"]
            other = policy[f"BM_ParseFloor_Simdjson/{size}"]
            a, b = nanoseconds(entry), nanoseconds(other)
            told = entry.get("label", "").split()[:1]
            yield (f"the same with {' '.join([*told, what])}, {label}", figure(a),
                   "simdjson's bare parse", figure(b), f"{a / b:.2f}",
                   "" if bound is None else f"≤ {bound}",
                   None if bound is None else a / b <= bound)
    yield bound_row("check of 10 KB of open brackets", policy["BM_HostileBrackets"],
                    100_000)
    for name, entry in sorted(policy.items()):
        if name.startswith("BM_HostilePattern/"):
            yield bound_row(f"a value of 10,000 characters and {entry['label']}",
                            entry, 1_000_000)
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
    eight = engine["BM_CreateInOneCatalog/iterations:20000/real_time/threads:8"]
    single = engine["BM_CreateInOneCatalog/iterations:160000/real_time/threads:1"]
    share = eight["items_per_second"] / single["items_per_second"]
    yield ("8 threads creating in one catalog, creates a second",
           f"{eight['items_per_second'] / 1e3:.0f} k", "one thread",
           f"{single['items_per_second'] / 1e3:.0f} k", f"{share:.2f}", "≥ 1.0",
           share >= 1.0)
    turns = engine["BM_CreateFloor_OneMutex/iterations:20000/real_time/threads:8"]
    share = eight["items_per_second"] / turns["items_per_second"]
    yield ("the same", f"{eight['items_per_second'] / 1e3:.0f} k",
           "8 threads, a mutex around each call",
           f"{turns['items_per_second'] / 1e3:.0f} k", f"{share:.2f}", "", None)
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
        bound = 100
        if operation in ("CreateSecurityConfiguration", "CreateConnection",
                         "UpdateConnection"):
            bound = 400
        yield bound_row(f"validation of {operation}", entry, bound)
    floor = core["BM_ValidateFloor_ScanOfTheText"]
    yield ("floor of validation: reading 245 bytes", figure(nanoseconds(floor)),
           "", "", "", "", None)
    for name, entry in core.items():
        if name.startswith("BM_Step/"):
            yield (f"`Step` of {entry.get('label', name)}",
                   figure(nanoseconds(entry)), "", "", "", "", None)


def encryption_rows(encryption):
    """Yields connections under encryption beside what the encryption alone costs."""
    ns = {name: nanoseconds(entry) for name, entry in encryption.items()}
    plain_read = ns["BM_GetConnection_Plain"]
    password = ns["BM_LocalKms_DecryptPassword"]
    opened = ns["BM_CatalogSealer_Open"]
    for work, name, beside, floor, bound in (
        ("UpdateConnection, sealed", "BM_UpdateConnection_Sealed",
         "the same, plain + two passes of AES-GCM + a data key of LocalKms",
         ns["BM_UpdateConnection_Plain"] + 2 * ns["BM_AesGcm_Seal"]
         + ns["BM_LocalKms_GenerateDataKey"], 1.5),
        ("GetConnection with a password", "BM_GetConnection_Password",
         "the same, plain + Decrypt of LocalKms", plain_read + password, 1.3),
        ("the same, sealed", "BM_GetConnection_PasswordSealed",
         "plain + Decrypt of LocalKms + an object opened by `CatalogSealer`",
         plain_read + password + opened, 1.3),
    ):
        ratio = ns[name] / floor
        yield (work, figure(ns[name]), beside, figure(floor), f"{ratio:.2f}",
               f"≤ {bound}", ratio <= bound)


def sqlite_rows(sqlite):
    """Yields the storage in a file beside raw SQLite with the same row writes."""
    for index, label in enumerate(("FULL", "NORMAL")):
        raw = sqlite[f"BM_SqliteCommitFloor_Raw/{index}/real_time"]["items_per_second"]
        for threads, bound in ((1, 0.9), (8, 3.0 if index == 0 else None)):
            ours = sqlite[f"BM_SqliteCommit/{index}/real_time/threads:{threads}"]
            ratio = ours["items_per_second"] / raw
            yield (f"SqliteStorage, {label}: commits a second, {threads} writer(s)",
                   f"{ours['items_per_second']:,.0f}",
                   "raw SQLite, the same row writes, one writer", f"{raw:,.0f}",
                   f"{ratio:.2f}", "" if bound is None else f"≥ {bound}",
                   None if bound is None else ratio >= bound)
    ours = nanoseconds(sqlite["BM_SqliteVisit"])
    raw = nanoseconds(sqlite["BM_SqliteVisitFloor_Raw"])
    yield ("SqliteStorage: a record of 1 KB, lent", figure(ours),
           "raw SELECT and the checksum", figure(raw), f"{ours / raw:.2f}", "≤ 1.25",
           ours / raw <= 1.25)


def durable_rows(durable):
    """Yields a server over SQLite beside the storage alone, on one core."""
    for sync, where in ((0, "this machine's disk"), (2000, "syncs of 2 ms")):
        entry = durable[f"BM_DurableServer/{sync}/real_time"]
        ratio = entry["ratio"]
        yield (f"server over SQLite, FULL, {where}: durable writes a second, 16 "
               "connections", f"{entry['per_s']:,.0f}", "the storage alone, 16 threads",
               f"{entry['storage_per_s']:,.0f}", f"{ratio:.2f}", "≥ 0.8", ratio >= 0.8)


def etcd_rows(etcd):
    """Yields the storage in etcd beside a bare client; nothing without etcd."""
    for name, work in (("Commit", "a commit of 1 KB"), ("Read", "a read of 1 KB")):
        ours = etcd.get(f"BM_Etcd{name}/real_time")
        if ours is None:
            continue
        a = nanoseconds(ours)
        b = nanoseconds(etcd[f"BM_Etcd{name}Floor_BareTxn/real_time"])
        yield (f"etcd, one node in memory: {work}", figure(a),
               "a bare gRPC client, the same transaction", figure(b), f"{b / a:.2f}",
               "≥ 0.9", b / a >= 0.9)


def python_rows(python):
    """Yields calls of boto3 that are answered in its process."""
    for name, result in python["calls"].items():
        for kind, options, bound in (("mock", "", 0.9), ("fast", ", `fast=True`", 3)):
            ratio = result[f"{kind}_ratio"]
            yield (f"Python in process{options}: boto3, {name}, 1 KB, processor time",
                   f"{result[f'{kind}_us']:.0f} µs", "a handler that answers at once",
                   f"{result['floor_us']:.0f} µs", f"{ratio:.2f} of its rate",
                   f"≥ {bound}", ratio >= bound)
    for work, figure_ms, bound in (
        ("import of the package", python["import_ms"], 50),
        ("a fresh mock", python["mock_ms"], 1),
    ):
        yield (f"Python in process: {work}", f"{figure_ms:.2f} ms", "", "", "",
               f"≤ {bound} ms", figure_ms <= bound)


def node_rows(node):
    """Yields calls of the SDK for JavaScript that are answered in its process."""
    for name, result in node.items():
        yield (f"Node.js in process: {name}, 1 KB, processor time",
               f"{result['mock_us']:.0f} µs", "a handler that answers at once",
               f"{result['floor_us']:.0f} µs", f"{result['ratio']:.2f} of its rate", "",
               None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--min-time", default="0.1")
    arguments = parser.parse_args()
    core = run("core_benchmark", arguments.min_time, 3)
    engine = run("engine_benchmark", arguments.min_time, 3)
    encryption = run("encryption_benchmark", arguments.min_time, 3)
    policy = run("policy_benchmark", arguments.min_time, 3)
    codec = run("codec_benchmark", arguments.min_time, 3)
    capi = run("capi_benchmark", arguments.min_time, 3)
    testing = run("testing_benchmark", arguments.min_time)
    sqlite = run("sqlite_benchmark", arguments.min_time)
    etcd = run("etcd_benchmark", "1")
    # A p99 needs this many requests.
    server = run("server_benchmark", "1")
    upstream = run("upstream_benchmark", "1")
    durable = run("durable_server_benchmark", "1")
    lines = []
    for *cells, met in [
        *rows(core, engine, policy),
        *encryption_rows(encryption),
        *codec_rows(codec),
        *capi_rows(capi),
        *testing_rows(testing),
        *sqlite_rows(sqlite),
        *etcd_rows(etcd),
        *server_rows(server),
        *upstream_rows(upstream),
        *durable_rows(durable),
        *client_rows(run_json(ROOT / "benchmarks" / "clients_benchmark.py")),
        *python_rows(run_json(PYTHON, ROOT / "benchmarks" / "python_benchmark.py")),
        *node_rows(run_json("node", ROOT / "benchmarks" / "node_benchmark.mjs")),
    ]:
        mark = {True: "yes", False: "**no**", None: ""}[met]
        lines.append("| " + " | ".join([*cells, mark]) + " |")
    write(lines)
    print("\n".join(lines))


def write(lines):
    """Writes both tables."""
    few = [line for line in lines if line[2:].startswith(README_ROWS)]
    for page, some in (("docs/benchmarks.md", lines), ("README.md", few)):
        text = (ROOT / page).read_text()
        pattern = re.escape(BEGIN) + ".*" + re.escape(END)
        if not re.search(pattern, text, re.S):
            sys.exit(f"{page}: no place for the table")
        table = "\n".join([BEGIN, *HEAD, *some, END])
        (ROOT / page).write_text(re.sub(pattern, lambda _: table, text, flags=re.S))


if __name__ == "__main__":
    main()
