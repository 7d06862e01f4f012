"""The symbols of the shared libraries are those that the C ABI promises.

Arguments: libglue_security_c, libglue_security, docs/reference/c_abi.md and the header.
"""

import pathlib
import re
import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def symbols(library):
    """Returns the names that a library defines, without their versions."""
    lines = output("nm", "-D", "--defined-only", library).splitlines()
    fields = [line.split() for line in lines]
    return {name.split("@")[0] for _, kind, name in fields if kind not in "Aa"}


def dynamic(library, tag):
    """Returns the values of a tag of the dynamic section."""
    return re.findall(rf"\({tag}\).*\[(.+)\]", output("readelf", "-d", library))


def main():
    c_library, library, page, header = sys.argv[1:]
    promised = dict(re.findall(r"^\| `(glue_security_\w+)` \| ([\d.]+) \|$", pathlib.Path(page).read_text(), re.M))
    assert len(promised) >= 17, f"{page}: the table of functions is missing"
    assert symbols(c_library) == set(promised), symbols(c_library) ^ set(promised)

    # The header says since when each is there, in the comment above it.
    text = pathlib.Path(header).read_text()
    pattern = r"Since\s+(?:\* )?([\d.]+)\. \*/\nGLUE_SECURITY_API[^(]*?(\w+)\("
    declared = {name: since for since, name in re.findall(pattern, text)}
    assert declared == promised, set(declared.items()) ^ set(promised.items())

    version = re.search(r'#define GLUE_SECURITY_VERSION "(.+)"', text).group(1)
    assert dynamic(c_library, "SONAME") == ["libglue_security_c.so.0"]
    assert dynamic(library, "SONAME") == [f"libglue_security.so.{version}"]
    needed = dynamic(c_library, "NEEDED")
    assert not [name for name in needed if name.startswith("libglue_security")], needed

    # A library of libraries is empty unless each is taken whole.
    names = symbols(library)
    assert "glue_security_functions" in names
    for part in ("6Engine7Execute", "13MemoryStorage", "13SqliteStorage", "8LocalKms", "2v17Request"):
        assert any(name.startswith("_ZN") and f"13glue_security{part}" in name for name in names), part
    assert len(names) > 1000, len(names)


main()
