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
        if "max" in member:
            words.append(f"{member.get('min', '')} to {member['max']}{unit}")
        else:
            words.append(f"at least {member['min']}{unit}")
    if "enum" in member:
        words.append(", ".join(f"`{value}`" for value in member["enum"]))
    if "pattern" in member:
        escaped = member["pattern"].replace("|", "\\|")
        words.append(f"`{escaped}`")
    return "; ".join(words)


def members(structures, name, prefix):
    """Yields (path, member) for all members of a structure, nested ones included."""
    for member_name, member in structures[name].items():
        path = prefix + member_name
        yield path, member
        if member["type"] in ("structure", "list"):
            step = "." if member["type"] == "structure" else "[]."
            yield from members(structures, member["structure"], path + step)


def rows(contracts, operation, key):
    """Yields the rows of a request or a response: `contracts` is (date, contract) for
    each date of the API. Later bounds of a member follow its first ones."""
    texts = {}
    newest = {}
    for date, contract in contracts:
        info = contract["operations"].get(operation)
        if info is None:
            continue
        newest = dict(members(contract["structures"], info[key], ""))
        for path, member in newest.items():
            said = texts.setdefault(path, [])
            text = bounds(member) or "any"
            if not said:
                said.append((None, text))
            elif said[-1][1] != text:
                said.append((date, text))
    for path, member in newest.items():
        words = ["" if text == "any" and len(texts[path]) == 1
                 else text if date is None else f"since {date}: {text}"
                 for date, text in texts[path]]
        required = "yes" if member.get("required") else ""
        since = member.get("since", "")
        yield f"| `{path}` | {member['type']} | {required} | {since} | {'; '.join(words)} |"


def table(contracts, operation):
    lines = [BEGIN]
    for title, key in (("Request", "request"), ("Response", "response")):
        lines += ["", f"{title}:", ""]
        body = list(rows(contracts, operation, key))
        if body:
            lines += ["| member | type | required | since | bounds |",
                      "|---|---|---|---|---|", *body]
        else:
            lines.append("No members.")
    lines += ["", END]
    return "\n".join(lines)


def dump(program, *arguments):
    done = subprocess.run([program, *arguments], check=True, capture_output=True)
    return json.loads(done.stdout)


def main():
    arguments = [a for a in sys.argv[1:] if a != "--check"]
    check = "--check" in sys.argv
    contract = dump(arguments[0])
    contracts = [(date, dump(arguments[0], date)) for date in contract["dates"]]
    folder = pathlib.Path(arguments[1] if len(arguments) > 1 else "docs/reference")
    status = 0
    for operation, info in contract["operations"].items():
        path = folder / f"{operation}.md"
        text = path.read_text()
        new, count = re.subn(
            re.escape(BEGIN) + ".*" + re.escape(END),
            lambda _: table(contracts, operation),
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
