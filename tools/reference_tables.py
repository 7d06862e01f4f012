#!/usr/bin/python3
"""Writes the member tables of docs/reference/ from the protos.

Usage: reference_tables.py DUMP_CONTRACT [--check] [FOLDER]

DUMP_CONTRACT is the program //tests/proto:dump_contract. With --check nothing is
written; the exit status is 1 when a table is out of date.
"""

import json
import pathlib
import re
import subprocess
import sys

BEGIN = "<!-- members begin: tools/reference_tables.py writes this -->"
END = "<!-- members end -->"


def bounds(member):
    """Returns the constraints of a member in words."""
    words = []
    unit = " bytes" if member["type"] == "string" else ""
    if "min" in member or "max" in member:
        words.append(f"{member.get('min', '')} to {member.get('max', '')}{unit}")
    if "enum" in member:
        words.append(", ".join(f"`{value}`" for value in member["enum"]))
    if "pattern" in member:
        escaped = member["pattern"].replace("|", "\\|")
        words.append(f"`{escaped}`")
    return "; ".join(words)


def rows(structures, name, prefix):
    for member_name, member in structures[name].items():
        path = prefix + member_name
        required = "yes" if member.get("required") else ""
        kind = member["type"]
        yield f"| `{path}` | {kind} | {required} | {bounds(member)} |"
        if kind in ("structure", "list"):
            step = "." if kind == "structure" else "[]."
            yield from rows(structures, member["structure"], path + step)


def table(contract, operation):
    info = contract["operations"][operation]
    lines = [BEGIN]
    for title, key in (("Request", "request"), ("Response", "response")):
        lines += ["", f"{title}:", ""]
        body = list(rows(contract["structures"], info[key], ""))
        if body:
            lines += ["| member | type | required | bounds |", "|---|---|---|---|", *body]
        else:
            lines.append("No members.")
    lines += ["", END]
    return "\n".join(lines)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    check = "--check" in sys.argv
    dump = subprocess.run([arguments[0]], check=True, capture_output=True)
    contract = json.loads(dump.stdout)
    folder = pathlib.Path(arguments[1] if len(arguments) > 1 else "docs/reference")
    status = 0
    for operation, info in contract["operations"].items():
        path = folder / f"{operation}.md"
        text = path.read_text()
        new, count = re.subn(
            re.escape(BEGIN) + ".*" + re.escape(END),
            lambda _: table(contract, operation),
            text,
            flags=re.S,
        )
        if count != 1:
            sys.exit(f"{path}: no place for the table")
        # The page must mention every error that the contract lists.
        for error in info["errors"]:
            if f"`{error}`" not in text:
                print(f"{path}: does not mention {error}")
                status = 1
        if check and new != text:
            print(f"{path}: the table is out of date; run tools/reference_tables.py")
            status = 1
        if not check:
            path.write_text(new)
    sys.exit(status)


if __name__ == "__main__":
    main()
