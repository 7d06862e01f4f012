#!/usr/bin/python3
"""Looks for the mistakes of examples/own_mock with the testing kit, counts the lines of the
mock, and writes both into docs/testing_kit/own_mock.md.

Usage: tools/own_mock_table.py [PROGRAM]

PROGRAM is tests/examples/own_mock_table; without it, it is built with Bazel.
"""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "testing_kit" / "own_mock.md"
MOCK = ("own_mock.h", "own_mock.cc")
TARGET = "tests/examples/own_mock_table"
HEAD = (
    "| mistake | the suite: the first check that fails (checks until then) and its rule "
    "| sequences: the first difference (calls until then) |",
    "|---|---|---|",
)


def build():
    subprocess.run(
        ["./bazelw", "build", "--noshow_progress", "//tests/examples:own_mock_table"],
        check=True,
        cwd=ROOT,
    )
    return ROOT / "bazel-bin" / TARGET


def lines_of_mock():
    """Returns the lines of code, those of them that only mistakes need, and all lines."""
    code = of_mistakes = everything = 0
    for name in MOCK:
        for line in (ROOT / "examples" / "own_mock" / name).read_text().splitlines():
            everything += 1
            line = line.strip()
            if not line or line.startswith("//"):
                continue
            code += 1
            of_mistakes += "mistake" in line.lower()
    return code - of_mistakes, of_mistakes, everything


def replaced(text, name, lines):
    """Returns `text` with `lines` between its markers."""
    begin = f"<!-- own mock {name} begin: tools/own_mock_table.py writes this -->\n"
    end = f"<!-- own mock {name} end -->"
    if begin not in text or end not in text:
        raise SystemExit(f"{PAGE}: no markers of {name}")
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + "\n".join(lines) + "\n" + end + after


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else build()
    done = subprocess.run([program], check=True, stdout=subprocess.PIPE, text=True)
    code, of_mistakes, everything = lines_of_mock()
    text = PAGE.read_text()
    text = replaced(text, "lines", [
        f"It has **{code} lines of code**, and {of_mistakes} more for the mistakes below: its "
        f"header and its source have {everything} lines with blank ones and comments."
    ])
    text = replaced(text, "table", [*HEAD, *done.stdout.splitlines()])
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
