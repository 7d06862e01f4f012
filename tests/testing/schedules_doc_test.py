"""docs/testing_kit/schedules.md shows a compiled program, its real output, and the
current table of the schedules' planted defects.

  schedules_doc_test.py PROGRAM TABLE_PROGRAM [--update]

With --update, run in the project's folder, it writes the page's blocks again.
"""

import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path("docs/testing_kit/schedules.md")
HEADER = pathlib.Path("glue_security/testing/schedules/schedule_explorer.h")


def run(program):
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout


def replace_block(page, pattern, block):
    """Returns the page with `block` in place of the one group of `pattern`."""
    match = re.search(pattern, page, re.S | re.M)
    if match is None:
        sys.exit(f"{PAGE}: nothing matches {pattern}")
    return page[: match.start(1)] + block + page[match.end(1) :]


def main():
    program, table_program = sys.argv[1:3]
    source = pathlib.Path("examples/schedules.cc").read_text()
    example = re.search(
        r"^// \[schedules\]\n(.*)^// \[schedules end\]$", source, re.S | re.M
    ).group(1)
    output = run(program)
    old = PAGE.read_text()
    new = replace_block(old, r"^```cpp\n(.*?)^```$", example)
    new = replace_block(new, r"^```text\n(.*?)^```$", output)
    new = replace_block(new, r"^(\| defect \|.*?)^$", run(table_program))
    if "--update" in sys.argv:
        PAGE.write_text(new)
    elif new != old:
        for line in set(new.splitlines()) ^ set(old.splitlines()):
            print(line)
        sys.exit(f"{PAGE}: not what the programs are and print; see {sys.argv[0]}")
    first = output.splitlines()[0]
    if first not in HEADER.read_text():
        sys.exit(f"{HEADER}: its example prints: {first}")


if __name__ == "__main__":
    main()
