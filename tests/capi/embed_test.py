"""Runs the commands of docs/embedding.md that build a program of C.

Usage: embed_test.py, in the folder of the test, which stands for the project's: what the
first command builds is there already.
"""

import os
import pathlib
import re
import subprocess
import tempfile

PAGE = pathlib.Path("docs/embedding.md")
BLOCK = r"<!-- run by: tests/capi/embed_test.py -->\n```shell\n\./bazelw build [^\n]*\n(.*?)```"


def main():
    commands = re.search(BLOCK, PAGE.read_text(), re.S).group(1)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("examples", "glue_security"):
            os.symlink(pathlib.Path(name).absolute(), pathlib.Path(folder, name))
        os.symlink(pathlib.Path().absolute(), pathlib.Path(folder, "bazel-bin"))
        run = subprocess.run(
            ["bash", "-euc", commands],
            check=True,
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
        )
    assert run.stdout == "400 EntityNotFoundException\n", run.stdout


main()
