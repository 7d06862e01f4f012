"""The README's quick start equals the program that is compiled and run."""

import pathlib
import re
import sys


def main():
    program = pathlib.Path("examples/embed.cc").read_text()
    match = re.search(
        r"^// \[quick start\]\n(.*)^// \[quick start end\]$", program, re.S | re.M
    )
    if match is None:
        sys.exit("examples/embed.cc: no marked quick start")
    readme = pathlib.Path("README.md").read_text()
    blocks = re.findall(r"^```cpp\n(.*?)^```$", readme, re.S | re.M)
    if len(blocks) != 1:
        sys.exit(f"README.md: {len(blocks)} blocks of C++, expected 1")
    if blocks[0] != match.group(1):
        sys.exit("README.md: the quick start is not that of examples/embed.cc")


if __name__ == "__main__":
    main()
