"""The snippets of docs/testing_kit/histories.md equal the compiled ones."""

import pathlib
import re
import sys


def main():
    document = pathlib.Path("docs/testing_kit/histories.md").read_text()
    blocks = re.findall(r"^```cpp\n(.*?)^```$", document, re.S | re.M)
    snippets = re.findall(
        r"^<!-- snippet: (\S+) ([^\n]+) -->\n```cpp\n(.*?)^```$", document, re.S | re.M
    )
    if len(blocks) != len(snippets) or not snippets:
        sys.exit(f"{len(blocks)} blocks of C++, {len(snippets)} of them with a source")
    for path, name, text in snippets:
        source = pathlib.Path(path).read_text()
        match = re.search(
            rf"^ *// \[{re.escape(name)}\]\n(.*?)^ *// \[{re.escape(name)} end\]$",
            source,
            re.S | re.M,
        )
        if match is None:
            sys.exit(f"{path}: no marked snippet {name}")
        if match.group(1) != text:
            sys.exit(f"docs/testing_kit/histories.md: {name} is not that of {path}")


if __name__ == "__main__":
    main()
