"""The protos agree with the model of the service that botocore ships, on its day.

Usage: botocore_test.py DUMP_CONTRACT

There are no exceptions: what the model has beyond the contract carries a date in the
protos. An error that the model lists twice counts once, in its first place.
"""

import gzip
import json
import pathlib
import subprocess
import sys

SERVICE = pathlib.Path(
    "/usr/lib/python3/dist-packages/botocore/data/glue/2017-03-31"
)

# The day of the model in Debian 12's botocore, 1.29.27.
MODEL_DATE = "2022-12-09"


def load_service():
    plain = SERVICE / "service-2.json"
    if plain.exists():
        return json.loads(plain.read_text())
    return json.loads(gzip.decompress((SERVICE / "service-2.json.gz").read_bytes()))


# The operations of which the model lists an error twice.
REPEATED = {"UpdateConnection": "InvalidInputException"}

# The keys that the model does not have: the date of a member, and what no message quotes.
OURS = {"since", "confidential"}


def described(shapes, name):
    """Returns a shape as dump_contract describes a member: lists and maps with what is
    in them."""
    shape = shapes[name]
    member = {"type": shape["type"]}
    for key in ("min", "max", "pattern", "enum"):
        if key in shape:
            member[key] = shape[key]
    if shape["type"] == "structure":
        member["structure"] = name
    elif shape["type"] == "list":
        element = described(shapes, shape["member"]["shape"])
        if element["type"] == "structure":
            member["structure"] = element["structure"]
        else:
            member["element"] = element
    elif shape["type"] == "map":
        member["key"] = described(shapes, shape["key"]["shape"])
        member["value"] = described(shapes, shape["value"]["shape"])
    return member


def their_member(shapes, structure, name):
    member = described(shapes, structure["members"][name]["shape"])
    if name in structure.get("required", []):
        member["required"] = True
    return member


def compare_errors(name, ours, theirs):
    """The order must agree, too."""
    listed = [error["shape"] for error in theirs]
    once = list(dict.fromkeys(listed))
    if ours != once:
        yield name, "errors", ours, once
    repeated = [error for error in once if listed.count(error) > 1]
    expected = [REPEATED[name]] if name in REPEATED else []
    if repeated != expected:
        yield name, "errors that are repeated", expected, repeated


def compare_values(where, ours, theirs, to_visit):
    """Compares two members, or what is in two lists or maps. Adds their structures to
    `to_visit`."""
    for key in sorted((set(ours) | set(theirs)) - OURS):
        mine, other = ours.get(key), theirs.get(key)
        if key in ("element", "key", "value") and mine and other:
            yield from compare_values(f"{where} {key}", mine, other, to_visit)
        elif key == "structure" and mine and other:
            to_visit.append((mine, other))
        elif mine != other:
            yield where, key, mine, other


def compare(ours, service):
    """Yields (where, what, ours, theirs) for each difference."""
    shapes = service["shapes"]
    to_visit = []
    for name, operation in ours["operations"].items():
        theirs = service["operations"][name]
        yield from compare_errors(name, operation["errors"], theirs["errors"])
        to_visit.append((operation["request"], theirs["input"]["shape"]))
        to_visit.append((operation["response"], theirs["output"]["shape"]))
    seen = set()
    while to_visit:
        our_name, their_name = to_visit.pop()
        if our_name in seen:
            continue
        seen.add(our_name)
        structure = ours["structures"][our_name]
        their_structure = shapes[their_name]
        for name in their_structure["members"]:
            if name not in structure:
                yield our_name, "member", None, name
        for name, member in structure.items():
            if name not in their_structure["members"]:
                yield our_name, "member", name, None
                continue
            theirs = their_member(shapes, their_structure, name)
            yield from compare_values(f"{our_name}.{name}", member, theirs, to_visit)
    for name in ours["structures"]:
        if name not in seen:
            yield name, "structure", name, None


def main():
    dump = subprocess.run([sys.argv[1], MODEL_DATE], check=True, capture_output=True)
    ours = json.loads(dump.stdout)
    found = list(compare(ours, load_service()))
    members = sum(len(members) for members in ours["structures"].values())
    print(f"{len(ours['operations'])} operations, {members} members compared")
    status = 0
    for difference in found:
        print("differs:", difference)
        status = 1
    if len(ours["operations"]) != 16 or members < 80:
        print("this compared next to nothing")
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
