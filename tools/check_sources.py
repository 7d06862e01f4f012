#!/usr/bin/python3
"""Checks the project's own rules on the sources.

- The includes keep to the table of docs/architecture.md.
- Every test and every source is named in the BUILD file beside it.
- Public headers have at most 250 lines, other files except tests 600; functions have
  at most 70.
- A switch over operations has no `default:`, so that the compiler reports a new one.
- Third-party libraries are used through //third_party only.
- Links in the documents lead to files.
"""

import os
import pathlib
import re
import subprocess
import sys

HEADER_LINES_MAX = 250
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70


def tracked(*patterns):
    out = subprocess.run(
        ["git", "ls-files", *patterns], check=True, capture_output=True, text=True
    )
    return [pathlib.Path(line) for line in out.stdout.splitlines()]


def allowed_includes():
    """Returns package -> the packages and headers that it may include."""
    table = {}
    for line in pathlib.Path("docs/architecture.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) != 3 or not cells[0].startswith("`"):
            continue
        package = cells[0].strip("`").rstrip("/")
        names = re.findall(r"`([^`]+)`", cells[2])
        table[package] = None if cells[2] == "everything" else names
    return table


def package_of(path, packages):
    if path.startswith("glue_security/v1/"):
        return "proto/glue_security/v1"
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        package = "/".join(parts[:depth])
        if package in packages:
            return package
    return None


def check_includes():
    table = allowed_includes()
    if len(table) < 8:
        yield "docs/architecture.md: the table of packages is missing"
    for path in tracked("glue_security/*.h", "glue_security/*.cc"):
        package = package_of(str(path), table)
        if package is None:
            yield f"{path}: its package is not in docs/architecture.md"
            continue
        allowed = table[package]
        if allowed is None:
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'#include "(glue_security/[^"]+)"', line)
            if match is None:
                continue
            other = package_of(match.group(1), table)
            short = (other or "").replace("glue_security/", "", 1)
            if other == "proto/glue_security/v1":
                short = "proto"
            if other == package or short in allowed:
                continue
            if match.group(1).replace("glue_security/", "", 1) in allowed:
                continue
            yield f"{path}:{number}: {package} may not include {match.group(1)}"


def check_targets():
    for path in tracked("*.cc", "*.h", "tests/*_test.py", "tests/*_test.sh"):
        build = path.parent / "BUILD.bazel"
        if not build.exists() or f'"{path.name}"' not in build.read_text():
            yield f"{path}: in no target of {build}"


def check_sizes():
    for path in tracked("*.h", "*.cc"):
        if str(path).startswith("tests/"):
            continue
        lines = len(path.read_text().splitlines())
        public = path.suffix == ".h" and "internal" not in path.parts
        limit = HEADER_LINES_MAX if public else FILE_LINES_MAX
        if lines > limit:
            yield f"{path}: {lines} lines, more than {limit}"


def check_functions():
    """Yields functions that are too long. Relies on clang-format: a function ends with
    a lone brace below its first line, and its body is indented further."""
    for path in tracked("glue_security/*.h", "glue_security/*.cc"):
        last = {}  # indentation -> the last line with it
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.lstrip()
            if not text:
                continue
            indentation = len(line) - len(text)
            if text == "}":
                lines = number - last.get(indentation, number) + 1
                if lines > FUNCTION_LINES_MAX:
                    yield (
                        f"{path}:{number}: ends a function of {lines} lines, "
                        f"more than {FUNCTION_LINES_MAX}"
                    )
            last[indentation] = number


def check_switches():
    """Yields each `default:` among the cases of operations: it would hide a new one."""
    for path in tracked("*.h", "*.cc"):
        cases = {}  # indentation -> whether the last switch there is over them
        for number, line in enumerate(path.read_text().splitlines(), 1):
            text = line.lstrip()
            indentation = len(line) - len(text)
            if re.match(r"case v1::(Request|Response)::k", text):
                cases[indentation] = True
            elif text.startswith("case "):
                cases[indentation] = False
            elif text == "default:" and cases.pop(indentation, False):
                yield f"{path}:{number}: a default in a switch over operations"


def check_third_party():
    for path in tracked("*.bazel"):
        if str(path).startswith(("third_party/", "tests/consumer/")):
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if re.search(r'"@(?!glue_security)|"-l', line):
                yield f"{path}:{number}: third-party code only through //third_party"


def check_links():
    for path in tracked("*.md"):
        # Code is left out: `[](` begins a function there.
        text = re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.S | re.M)
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
            if not (path.parent / target).exists():
                yield f"{path}: a link to {target}, which is not there"


def main():
    # The project is the folder above this file, also when started through a link.
    os.chdir(pathlib.Path(__file__).resolve().parent.parent)
    findings = []
    for check in (
        check_includes,
        check_targets,
        check_sizes,
        check_functions,
        check_switches,
        check_third_party,
        check_links,
    ):
        findings.extend(check())
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
