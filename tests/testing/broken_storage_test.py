"""StorageConformance finds the defects of broken storages, and the page about it is
true: its snippets are from compiled files, its output is printed by a program.

  broken_storage_test.py PROGRAM PAGE SOURCE...
"""

import pathlib
import re
import subprocess
import sys
import textwrap


def dedented_lines(text):
    """Returns the lines without indentation, since a snippet may be in a function."""
    return [line.strip() for line in text.strip().splitlines()]


def contains(lines, part):
    return any(
        lines[i : i + len(part)] == part for i in range(len(lines) - len(part) + 1)
    )


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


def check_page(program, page, sources):
    """Checks that every snippet of the page is in a source. Yields findings."""
    text = pathlib.Path(page).read_text()
    blocks = re.findall(r"^( *)```(\w+)\n(.*?)^ *```$", text, re.S | re.M)
    if len(blocks) != text.count("```") / 2:
        yield f"{page}: a snippet without a language"
    output = dedented_lines(run(program)[1])
    files = [dedented_lines(pathlib.Path(source).read_text()) for source in sources]
    for _, language, block in blocks:
        part = dedented_lines(textwrap.dedent(block))
        places = [output] if language == "text" else files
        if not any(contains(place, part) for place in places):
            yield f"{page}: nothing has this snippet:\n{block}"


def main():
    program, page, *sources = sys.argv[1:]
    findings = [*check_runs(program), *check_page(program, page, sources)]
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
