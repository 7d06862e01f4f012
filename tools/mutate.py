#!/usr/bin/python3
"""Breaks state_machine/ and validation/ at one place at a time and counts how often
the tests notice.

  tools/mutate.py [--seconds N] [--sample N] [--seed S] [--all] [FILE...]

mutation_places.py finds the places and the changes to make there. All mutants are in
one build: a copy of the two packages replaces them in the repository, and each place
in it reads an environment variable that selects the active mutant. A mutant is killed
when a test fails, crashes or does not end. Only tests that reach its place run for
it, the fastest first.

Fails when fewer than 95 of 100 mutants are killed, when one survives that
tools/mutation_survivors.txt does not list with a reason, or when that file lists one
that does not exist. When all mutants of a source were tried, it also fails when the
file lists one that is killed.

  FILE         only the mutants of these sources
  --sample N   N mutants, drawn with --seed (0 by default)
  --seconds N  stops after about N seconds, the build included; the order is random,
               so that the mutants that ran are a sample
  --all        runs every test for a mutant and counts what each test kills
  --quick      without the tests that take more than three seconds
  --write      writes docs/testing_kit/mutation.md from tools/mutation_page.md and the
               results; for all mutants only, and only when nothing failed
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import html
import os
import pathlib
import random
import resource
import shutil
import signal
import string
import subprocess
import sys
import tempfile
import time

try:
    from mutation_places import Places
except ImportError as error:
    sys.exit(
        f"mutate.py: {error}; it needs Debian's python3-clang-14 and libclang1-14, which "
        "`tools/install_packages.sh tools/debian_packages_ci.txt` installs, under /usr/bin/python3"
    )

TOP = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["glue_security/state_machine", "glue_security/validation"]
SURVIVORS = TOP / "tools/mutation_survivors.txt"
TEMPLATE = TOP / "tools/mutation_page.md"
PAGE = TOP / "docs/testing_kit/mutation.md"
QUICK_SECONDS_MAX = 3
SHARE_MIN = 0.95
WORKERS = 2
IDS_PER_FILE = 2000
MEMORY_BYTES_MAX = 4 << 30
# A fixed seed gives the same cases every time, so that a verdict can be repeated.
SEED = "1"


@dataclasses.dataclass
class Test:
    """A run of a test binary.

    `cases` is a gtest filter. The run is only for mutants of sources that begin with
    `only`.
    """

    target: str
    cases: str = "*"
    only: str = ""
    seconds: float = 0
    reached: set = dataclasses.field(default_factory=set)

    def name(self):
        return self.target if self.cases == "*" else f"{self.target} {self.cases}"


TESTS = [
    Test("tests/state_machine/authorizer_test"),
    Test("tests/state_machine/step_test"),
    Test("tests/state_machine/operation_run_test"),
    Test("tests/state_machine/page_token_test"),
    Test("tests/state_machine/policy_hasher_test"),
    Test("tests/state_machine/record_time_test"),
    Test("tests/state_machine/rules_test"),
    Test("tests/state_machine/stored_record_test"),
    Test("tests/schema/accessors_test"),
    Test("tests/validation/many_violations_test"),
    Test("tests/validation/quote_test"),
    Test("tests/validation/text_pattern_test"),
    Test("tests/validation/utf8_test"),
    Test("tests/validation/validator_test"),
    Test("tests/engine/access_test"),
    Test("tests/engine/decision_table_test"),
    Test("tests/engine/differential_test", "*AllSequencesOfFour*"),
    Test("tests/engine/differential_test", "-*AllSequencesOfFour*"),
    Test("tests/engine/engine_options_test"),
    Test("tests/engine/engine_test"),
    Test("tests/engine/policy_checks_test"),
    Test("tests/engine/preset_test"),
    Test("tests/engine/security_configuration_test"),
    Test("tests/engine/storage_failure_test"),
    Test("tests/engine/unknown_commit_test", only="glue_security/state_machine/"),
]


def fail(message):
    sys.exit(f"mutate.py: {message}")


def run(command, **options):
    return subprocess.run(
        command, cwd=TOP, check=True, text=True, stdin=subprocess.DEVNULL, **options
    )


# -- Sources --------------------------------------------------------------------


def sources():
    """Returns the sources of the packages; their order determines the ids."""
    listed = run(["git", "ls-files", *PACKAGES], capture_output=True).stdout.split()
    return [path for path in listed if path.endswith((".cc", ".h"))]


def find_places(job):
    path, flags, first_id = job
    places = Places(path, flags, first_id)
    if places.next_id > first_id + IDS_PER_FILE:
        raise RuntimeError(f"{path} has more mutants than {IDS_PER_FILE}")
    return places.mutants, places.skipped, places.rewritten()


def write_overlay(folder, rewritten):
    switch = (TOP / "tools/mutation_switch.h").read_text()
    for package in PACKAGES:
        shutil.copytree(TOP / package, folder / package)
    for path, text in rewritten.items():
        # Suppresses the warnings of the mutated headers.
        quiet = "#pragma GCC system_header\n" if path.endswith(".h") else ""
        (folder / path).write_text(f'{quiet}{switch}#line 1 "{path}"\n{text}')


def build(folder):
    """Builds the tests with the mutants and copies them to `folder`/bin."""
    targets = sorted({f"//{os.path.dirname(t.target)}:{os.path.basename(t.target)}" for t in TESTS})
    ours = "^glue_security/(state_machine|validation)/.*\\.cc$"
    command = [
        "./bazelw",
        "build",
        f"--package_path={folder}/overlay:%workspace%",
        f"--per_file_copt={ours}@-w,-O1,-D_GLIBCXX_ASSERTIONS",
        "--dynamic_mode=off",
        "--force_pic",
        "--noshow_progress",
        "--ui_event_filters=-info",
        *targets,
    ]
    done = subprocess.run(
        command, cwd=TOP, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0:
        lines = [x for x in done.stderr.splitlines() if "linux-sandbox" not in x]
        fail("the mutants do not build:\n" + "\n".join(lines[-60:]))
    for test in TESTS:
        copy = folder / "bin" / test.target
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists():
            shutil.copy(TOP / "bazel-bin" / test.target, copy)


# -- Tests ----------------------------------------------------------------------


def start(folder, test, environment, timeout):
    """Runs a test; returns true when it passed. A test that does not end fails."""
    process = subprocess.Popen(
        [folder / "bin" / test.target, f"--gtest_filter={test.cases}", "--gtest_fail_fast"],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "GLUE_SECURITY_SEED": SEED,
            "GLUE_SECURITY_SHORT_TESTS": "1",
            **environment,
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return process.wait(timeout) == 0
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return False


def look_at_reach(folder, test):
    """Runs a test without a mutant: measures its time and the places it reaches."""
    file = folder / (test.name().replace("/", "_").replace("*", "") + ".reached")
    begin = time.monotonic()
    if not start(folder, test, {"GLUE_SECURITY_MUTANT": "0"}, 300):
        fail(f"{test.name()} fails without a mutant")
    test.seconds = time.monotonic() - begin
    start(folder, test, {"GLUE_SECURITY_MUTANTS_REACHED": str(file)}, 600)
    # A test that reaches no place writes no file.
    if file.exists():
        test.reached = {int(line) for line in file.read_text().split()}


def try_mutant(folder, tests, mutant, deadline, run_all):
    """Returns the tests that kill a mutant, at most one or all; None after `deadline`."""
    if deadline is not None and time.monotonic() > deadline:
        return None
    killers = []
    for test in tests:
        if mutant.id not in test.reached or not mutant.file.startswith(test.only):
            continue
        environment = {"GLUE_SECURITY_MUTANT": str(mutant.id)}
        if not start(folder, test, environment, 3 + 5 * test.seconds):
            killers.append(test.name())
            if not run_all:
                break
    if not killers:
        print(f"survives: {mutant.where()}", flush=True)
    return killers


# -- Survivors ------------------------------------------------------------------


def read_survivors():
    """Returns (file, function, change) -> reason. The file describes its own format."""
    reasons = {}
    waiting = []
    place = None
    was_reason = False
    for number, line in enumerate(SURVIVORS.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("    "):
            if not waiting:
                fail(f"{SURVIVORS.name}:{number}: a reason without a change")
            was_reason = True
            for key in waiting:
                reasons[key] = (reasons.get(key, "") + " " + line.strip()).strip()
        elif line.startswith("  "):
            if was_reason:
                waiting, was_reason = [], False
            if place is None:
                fail(f"{SURVIVORS.name}:{number}: a change without a function")
            key = (*place, line.strip())
            if key in reasons or key in waiting:
                fail(f"{SURVIVORS.name}:{number}: listed twice")
            waiting.append(key)
        else:
            if waiting and not was_reason:
                fail(f"{SURVIVORS.name}:{number}: a change before it has no reason")
            waiting, was_reason = [], False
            place = tuple(line.split(maxsplit=1))
            if len(place) != 2:
                fail(f"{SURVIVORS.name}:{number}: not a file and a function")
    if waiting and not was_reason:
        fail(f"{SURVIVORS.name}: the last change has no reason")
    return reasons


def report(mutants, ran, killed, skipped, reasons, complete, files):
    """Prints the results; returns true when they are good enough."""
    print(f"{'mutants':>8} {'killed':>8}")
    for path, (count, dead) in counts_by_file(ran, killed):
        print(f"{count:8} {dead:8}  {path}")
    print("places left alone:")
    for reason, count in sorted(skipped.items()):
        print(f"{count:8}  {reason}")
    survivors = [m for m in ran if m.id not in killed]
    unlisted = [m for m in survivors if m.key() not in reasons]
    for mutant in unlisted:
        print(f"survives, and is not listed: {mutant.where()}")
    good = not unlisted
    keys = {m.key(): m for m in mutants}
    for key in reasons:
        if key[0] not in files:
            continue
        if key not in keys:
            print(f"listed, and there is no such mutant: {key[0]} {key[1]}\n  {key[2]}")
            good = False
        elif complete and keys[key].id in killed:
            print(f"listed, and is killed: {key[0]} {key[1]}\n  {key[2]}")
            good = False
    share = len(killed) / len(ran)
    print(f"{len(killed)} of {len(ran)} mutants killed, {share:.1%}; "
          f"{len(survivors)} survive, {len(survivors) - len(unlisted)} of them listed")
    if share < SHARE_MIN:
        print(f"fewer than {SHARE_MIN:.0%}")
        good = False
    return good


# -- The page -------------------------------------------------------------------


def table(head, rows):
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join(lines + [f"| {' | '.join(map(str, row))} |" for row in rows])


def counts_by_file(mutants, killed):
    by_file = collections.defaultdict(lambda: [0, 0])
    for mutant in mutants:
        by_file[mutant.file][0] += 1
        by_file[mutant.file][1] += mutant.id in killed
    return sorted(by_file.items())


def quoted(text):
    """Returns a text as code in a table, whatever ` and | it contains."""
    return "<code>" + html.escape(text.replace("`", "")).replace("|", "&#124;") + "</code>"


def write_page(arguments, mutants, killed, skipped, reasons, tests, seconds):
    """Returns all of docs/testing_kit/mutation.md, from one run."""
    survivors = [m for m in mutants if m.id not in killed]
    left_out = [t for t in TESTS if t not in tests]
    words = {
        "command": "tools/mutate.py --quick --write" if arguments.quick else "tools/mutate.py --write",
        "mutants": len(mutants),
        "killed": len(killed),
        "share": f"{len(killed) / len(mutants):.1%}",
        "survivors": len(survivors),
        "minutes": f"{seconds / 60:.0f}",
        "workers": WORKERS,
        "files": table(
            ("source", "mutants", "killed"),
            [(f"`{f}`", count, dead) for f, (count, dead) in counts_by_file(mutants, killed)],
        ),
        "tests": table(
            ("test", "seconds without a mutant"),
            [(f"`{t.name()}`", f"{t.seconds:.2f}") for t in tests],
        ),
        "left_out": "None: all of them ran."
        if not left_out
        else f"The tests that take {QUICK_SECONDS_MAX} seconds or more; they can only kill more.\n\n"
        + table(
            ("test", "seconds without a mutant"),
            [(f"`{t.name()}`", f"{t.seconds:.2f}") for t in left_out],
        ),
        "skipped": table(("places", "why"), [(n, why) for why, n in sorted(skipped.items())]),
        "reasons": table(
            ("source", "function", "change", "why no test notices it"),
            [
                (f"`{os.path.basename(m.file)}`", f"`{m.key()[1]}`", quoted(m.key()[2]), reasons[m.key()].replace("|", "\\|"))
                for m in survivors
            ],
        ),
    }
    PAGE.write_text(string.Template(TEMPLATE.read_text()).substitute(words))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("files", nargs="*", metavar="FILE")
    arguments = parser.parse_args()
    if arguments.write and (arguments.files or arguments.sample or arguments.seconds):
        parser.error("--write takes all mutants: no FILE, --sample or --seconds beside it")
    begin = time.monotonic()

    os.chdir(TOP)
    every = sources()
    files = [os.path.relpath(f, TOP) for f in arguments.files] or every
    for file in files:
        if file not in every:
            fail(f"{file} is not a source of {' or '.join(PACKAGES)}")
    reasons = read_survivors()
    flags = run(
        ["tools/compile_flags.sh"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ).stdout.split("\n")[:-1]
    jobs = [(f, flags, 1 + every.index(f) * IDS_PER_FILE) for f in files]
    mutants = []
    skipped = collections.Counter()
    rewritten = {}
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        for job, found in zip(jobs, pool.map(find_places, jobs)):
            mutants += found[0]
            skipped += found[1]
            rewritten[job[0]] = found[2]
    print(f"{len(mutants)} mutants found after {time.monotonic() - begin:.0f} s", flush=True)

    folder = pathlib.Path(tempfile.mkdtemp(prefix="mutate."))
    try:
        write_overlay(folder / "overlay", rewritten)
        build(folder)
        print(f"built after {time.monotonic() - begin:.0f} s", flush=True)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
        with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(lambda test: look_at_reach(folder, test), TESTS))
            tests = sorted(TESTS, key=lambda test: test.seconds)
            if arguments.quick:
                tests = [test for test in tests if test.seconds < QUICK_SECONDS_MAX]
            print(f"ready after {time.monotonic() - begin:.0f} s", flush=True)

            chosen = list(mutants)
            if arguments.sample is not None or arguments.seconds is not None:
                random.Random(arguments.seed).shuffle(chosen)
                chosen = chosen[: arguments.sample]
            deadline = begin + arguments.seconds if arguments.seconds else None
            verdicts = list(
                pool.map(
                    lambda m: try_mutant(folder, tests, m, deadline, arguments.all),
                    chosen,
                )
            )
    finally:
        shutil.rmtree(folder)

    ran = [m for m, killers in zip(chosen, verdicts) if killers is not None]
    killed = {m.id for m, killers in zip(chosen, verdicts) if killers}
    if not ran:
        fail("no mutant ran")
    counts = collections.Counter(k for killers in verdicts for k in killers or ())
    print(f"killed by (of those that reached it)" if not arguments.all else "killed by")
    for test in tests:
        print(f"{counts[test.name()]:8}  {test.name()}, {test.seconds:.2f} s")
    complete = len(ran) == len(mutants)
    good = report(mutants, ran, killed, skipped, reasons, complete, files)
    seconds = time.monotonic() - begin
    print(f"after {seconds:.0f} s")
    if arguments.write and good:
        write_page(arguments, mutants, killed, skipped, reasons, tests, seconds)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
