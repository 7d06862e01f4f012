"""Every C++ block in a document is a marked part of a compiled file.

Arguments: the documents (*.md) and the files (*.cc), in any order. A part is the text
between the lines `// [name]` and `// [name end]`, without its indentation.
"""

import pathlib
import re
import sys
import textwrap


def main():
    parts = set()
    documents = []
    for name in sys.argv[1:]:
        text = pathlib.Path(name).read_text()
        if name.endswith(".md"):
            documents.append((name, text))
            continue
        found = re.findall(
            r"^ *// \[([^\]]+)\]\n(.*?)^ *// \[\1 end\]$", text, re.S | re.M
        )
        if not found:
            sys.exit(f"{name}: no marked part")
        parts.update(textwrap.dedent(part) for _, part in found)
    if not documents:
        sys.exit("no documents")
    for name, text in documents:
        blocks = re.findall(r"^```cpp\n(.*?)^```$", text, re.S | re.M)
        if not blocks:
            sys.exit(f"{name}: no blocks of C++")
        for block in blocks:
            if block not in parts:
                sys.exit(f"{name}: in no compiled file:\n{block}")


if __name__ == "__main__":
    main()
