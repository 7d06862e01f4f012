"""The rows of tests/data/encryption_outcomes.txt, and what the wire can show of them."""

import pathlib

_FILE = pathlib.Path(__file__).parents[1] / "data" / "encryption_outcomes.txt"

# Why a row is left out.
SEALED = "the encrypted data key of a sealed object cannot be replaced on the wire"
ALIAS = "nobody can encrypt under alias/aws/glue with a context of his own"


def read():
    """Returns the rows, each a dictionary."""
    lines = [line for line in _FILE.read_text("ascii").splitlines() if line[0] != "#"]
    names = lines[0].split("|")
    return [dict(zip(names, line.split("|"), strict=True)) for line in lines[1:]]


def name(row):
    """Returns the seven words that no other row has, and its group before them."""
    return "|".join(list(row.values())[:8])


def seals(settings):
    return any(word in settings for word in ("catalog", "both", "role"))


def flags(settings):
    return any(word in settings for word in ("flag", "both"))


def protects(settings):
    return flags(settings) or settings == "key"


def struck(row):
    """Returns the names of the keys that have the state."""
    return {
        "all": ("P1", "P2", "C1", "C2", "G"),
        "P": ("P1", "P2"),
        "C": ("C1", "C2"),
        "1": ("P1", "C1"),
        "2": ("P2", "C2"),
    }[row["struck"]]


def has_other_context(row):
    """Returns true when the stored ENCRYPTED_PASSWORD belongs to another context."""
    if row["key"] != "context":
        return False
    if "encrypted" in row["existing"]:
        return row["struck"] == "all"
    return (
        row["existing"] == "password"
        and protects(row["before"])
        and "P1" in struck(row)
    )


def left_out(row):
    """Returns why the wire cannot show a row, or None when it can."""
    if row["key"] != "context" or row["existing"] == "-":
        return None
    if seals(row["before"]) and "C1" in struck(row):
        return SEALED
    if has_other_context(row) and "default" in row["before"]:
        return ALIAS
    return None
