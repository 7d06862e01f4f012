"""The protos agree with the model of the service that botocore ships, on its day.

Usage: botocore_test.py DUMP_CONTRACT

There are no exceptions: what the model has beyond the contract carries a date in the
protos.
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


def their_member(shapes, structure, name):
    shape_name = structure["members"][name]["shape"]
    shape = shapes[shape_name]
    member = {"type": shape["type"]}
    if name in structure.get("required", []):
        member["required"] = True
    if shape["type"] == "list":
        member["structure"] = shape["member"]["shape"]
    if shape["type"] == "structure":
        member["structure"] = shape_name
    for key in ("min", "max", "pattern", "enum"):
        if key in shape:
            member[key] = shape[key]
    return member


def compare(ours, service):
    """Yields (where, what, ours, theirs) for each difference."""
    shapes = service["shapes"]
    to_visit = []
    for name, operation in ours["operations"].items():
        theirs = service["operations"][name]
        our_errors = operation["errors"]
        # The order must agree, too.
        their_errors = [error["shape"] for error in theirs["errors"]]
        if our_errors != their_errors:
            yield name, "errors", our_errors, their_errors
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
            for key in sorted((set(member) | set(theirs)) - {"since"}):
                if key == "structure":
                    to_visit.append((member[key], theirs[key]))
                elif member.get(key) != theirs.get(key):
                    yield f"{our_name}.{name}", key, member.get(key), theirs.get(key)
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
    if len(ours["operations"]) != 10 or members < 40:
        print("this compared next to nothing")
        status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
