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


# The units of the bounds of a member.
UNITS = {"string": " bytes", "list": " elements", "map": " entries"}


def bounds(member):
    """Returns the constraints of a member in words."""
    words = []
    unit = UNITS.get(member["type"], "")
    if "min" in member and "max" in member:
        words.append(f"{member['min']} to {member['max']}{unit}")
    elif "max" in member:
        words.append(f"at most {member['max']}{unit}")
    elif "min" in member:
        words.append(f"at least {member['min']}{unit}")
    if "enum" in member:
        words.append(", ".join(f"`{value}`" for value in member["enum"]))
    if "pattern" in member:
        escaped = member["pattern"].replace("|", "\\|")
        words.append(f"`{escaped}`")
    if member.get("confidential"):
        words.append("in no message")
    return "; ".join(words)


def changes(member, before):
    """Returns the constraints of a member that came after `before`, its description of
    an earlier date."""
    more = [value for value in member.get("enum", []) if value not in before.get("enum", [])]
    if more and {**member, "enum": before.get("enum")} == before:
        return "also " + ", ".join(f"`{value}`" for value in more)
    return bounds(member) or "any"


def members(structures, name, prefix):
    """Yields (path, member) for all members of a structure, and for what is in them."""
    for member_name, member in structures[name].items():
        path = prefix + member_name
        yield path, member
        if member["type"] in ("structure", "list") and "structure" in member:
            step = "." if member["type"] == "structure" else "[]."
            yield from members(structures, member["structure"], path + step)
        if "element" in member:
            yield path + "[]", member["element"]
        for part in ("key", "value"):
            if part not in member:
                continue
            inside = f"{path}{{{part}}}"
            yield inside, member[part]
            if "structure" in member[part]:
                yield from members(structures, member[part]["structure"], inside + ".")


def rows(contracts, operation, key):
    """Yields the rows of a request or a response: `contracts` is (date, contract) for
    each date of the API. Later bounds of a member follow its first ones."""
    texts = {}
    newest = {}
    for date, contract in contracts:
        info = contract["operations"].get(operation)
        if info is None:
            continue
        before = newest
        newest = dict(members(contract["structures"], info[key], ""))
        for path, member in newest.items():
            if path not in texts:
                texts[path] = [bounds(member)]
            elif bounds(member) != bounds(before[path]):
                # Nothing was said before the first change.
                texts[path][0] = texts[path][0] or "any"
                texts[path].append(f"since {date}: {changes(member, before[path])}")
    for path, member in newest.items():
        required = "yes" if member.get("required") else ""
        since = member.get("since", "")
        words = "; ".join(texts[path])
        yield f"| `{path}` | {member['type']} | {required} | {since} | {words} |"


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
