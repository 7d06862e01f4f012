"""Every C++ block in docs/testing_kit/backend.md is a marked part of a compiled file:
the text between `// [name]` and `// [name end]`, without its indentation.

Arguments: the document, then the files.
"""

import pathlib
import re
import sys
import textwrap


def main():
    parts = set()
    for name in sys.argv[2:]:
        for _, part in re.findall(
            r"^ *// \[([^\]]+)\]\n(.*?)^ *// \[\1 end\]$",
            pathlib.Path(name).read_text(),
            re.S | re.M,
        ):
            parts.add(textwrap.dedent(part))
    document = pathlib.Path(sys.argv[1]).read_text()
    blocks = re.findall(r"^```cpp\n(.*?)^```$", document, re.S | re.M)
    if len(blocks) < 3:
        sys.exit(f"{len(blocks)} blocks of C++, expected 3")
    for block in blocks:
        if block not in parts:
            sys.exit(f"in no compiled file:\n{block}")


if __name__ == "__main__":
    main()
