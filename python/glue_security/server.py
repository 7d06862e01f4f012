"""Starts the server program: python -m glue_security.server [FLAG...]"""

from __future__ import annotations

import os
import pathlib
import shutil
import sys
from typing import List, Optional

NAME = "glue-security-server"
VARIABLE = "GLUE_SECURITY_SERVER"


def find() -> Optional[str]:
    """Returns the path of the program: beside the package, what the variable says, or
    the one in PATH."""
    beside = pathlib.Path(__file__).parent / "lib" / NAME
    if os.access(beside, os.X_OK):
        return str(beside)
    if VARIABLE in os.environ:
        return shutil.which(os.environ[VARIABLE])
    return shutil.which(NAME)


def main(arguments: List[str]) -> int:
    program = find()
    if program is None:
        print(
            f"glue_security.server: there is no {NAME}. Build it in the project with "
            f"./bazelw build //glue_security/server:{NAME}, then set {VARIABLE} to "
            f"bazel-bin/glue_security/server/binary/{NAME}, or put it into PATH",
            file=sys.stderr,
        )
        return 1
    os.execv(program, [program, *arguments])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
