"""Every fenced block of code in README.md and docs/ comes from a file that is compiled or
run, or is what a program prints.

The line above a block says so:

  <!-- snippet: FILE PART -->           the text in FILE between the comments [PART] and
                                        [PART end], without its indentation
  <!-- output: PROGRAM ARGUMENT... -->  what PROGRAM prints; also above a table
  <!-- part of the output: PROGRAM -->  consecutive lines of it
  <!-- run by: FILE -->                 FILE, a test, runs the block
  <!-- not checked: REASON -->

Files and programs are named from the project's folder. A part that no page shows is an
error, too. Lines `//       // TEXT` of the headers in HEADERS show lines of an output.

With --update, run in the project's folder after the programs were built, it writes the
blocks with the marks `snippet` and `output` again.
"""

import functools
import pathlib
import re
import subprocess
import sys
import textwrap

# Headers whose comments show lines that a program prints.
HEADERS = {"glue_security/testing/schedules/schedule_explorer.h": "examples/schedules"}

MARK = re.compile(r"<!-- (snippet|output|part of the output|run by|not checked): (.+) -->")
PART = re.compile(r"^ *(?://|#) \[([^\]\n]+)\]\n(.*?)^ *(?://|#) \[\1 end\]$", re.S | re.M)


@functools.lru_cache(None)
def parts_of(path):
    """Returns name -> text for the marked parts of a file."""
    found = PART.findall(pathlib.Path(path).read_text())
    return {name: textwrap.dedent(text) for name, text in found}


@functools.lru_cache(None)
def output_of(command):
    program, *arguments = command.split()
    for folder in ("bazel-bin", "."):
        path = pathlib.Path(folder, program).absolute()
        if path.exists():
            run = subprocess.run([path, *arguments], stdout=subprocess.PIPE, text=True)
            # Some programs show a failure, and end with the status 1.
            if run.returncode not in (0, 1):
                raise RuntimeError(f"{program} ended with {run.returncode}")
            return run.stdout
    raise FileNotFoundError(program)


def blocks_of(lines):
    """Yields (first line, line after the last) for each fenced block, fences included,
    and for each table below a mark."""
    at = 0
    while at < len(lines):
        begin = at
        at += 1
        if lines[begin].lstrip().startswith("```"):
            while at < len(lines) and lines[at].strip() != "```":
                at += 1
            at += 1
            yield begin, at
        elif begin > 0 and MARK.search(lines[begin - 1]) and lines[begin].startswith("|"):
            while at < len(lines) and lines[at].startswith("|"):
                at += 1
            yield begin, at


class Page:
    """A page with its findings; `new` has its lines with the blocks of today."""

    def __init__(self, path):
        self.path = path
        self.lines = path.read_text().splitlines()
        self.new = []
        self.findings = []
        self.shown = set()  # (file, part)

    def find(self, line, text):
        self.findings.append(f"{self.path}:{line + 1}: {text}")

    def check(self):
        done = 0
        for begin, end in blocks_of(self.lines):
            self.new += self.lines[done:begin]
            self.new += self.check_block(begin, end)
            done = end
        self.new += self.lines[done:]
        return self

    def check_block(self, begin, end):
        """Returns the lines that the block should have."""
        lines = self.lines[begin:end]
        mark = MARK.search(self.lines[begin - 1]) if begin > 0 else None
        table = lines[0].startswith("|")
        if mark is None:
            self.find(begin, "a block of code without a mark")
            return lines
        if not table and lines[0].strip() == "```":
            self.find(begin, "a block of code without a language")
        kind, what = mark.groups()
        margin = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
        inside = lines if table else lines[1:-1]
        try:
            wanted = self.wanted(kind, what, textwrap.dedent("\n".join(inside)).split("\n"))
        except (FileNotFoundError, KeyError) as error:
            self.find(begin, f"there is no {error}")
            return lines
        if wanted is None:
            self.find(begin, f"no lines of what {what} prints")
            return lines
        wanted = [margin + line if line else line for line in wanted]
        if wanted != inside:
            self.find(begin, f"not {kind} {what}, which is:")
            self.findings += wanted
        return wanted if table else [lines[0], *wanted, lines[-1]]

    def wanted(self, kind, what, lines):
        """Returns the lines that `lines` should be, or none if that is not known."""
        if kind == "snippet":
            path, _, name = what.partition(" ")
            lines = parts_of(path)[name].splitlines()
            self.shown.add((path, name))
            return lines
        if kind == "output":
            return output_of(what).rstrip("\n").split("\n")
        if kind == "part of the output":
            return lines if "\n".join(["", *lines, ""]) in "\n" + output_of(what) else None
        if kind == "run by" and not pathlib.Path(what).exists():
            raise FileNotFoundError(what)
        return lines


def check_parts(shown):
    """Yields findings about parts that no page shows."""
    for folder in ("examples", "tests"):
        for suffix in ("c", "cc", "mjs", "py"):
            for path in sorted(pathlib.Path(folder).rglob(f"*.{suffix}")):
                if "node_modules" in path.parts:
                    continue
                for name in sorted(parts_of(str(path))):
                    if (str(path), name) not in shown:
                        yield f"{path}: no page shows [{name}]"


def check_headers():
    for path, program in HEADERS.items():
        lines = re.findall(r"^// {3,}// (.*)$", pathlib.Path(path).read_text(), re.M)
        if not lines:
            yield f"{path}: no line of an output"
        try:
            output = output_of(program).split("\n")
        except FileNotFoundError as error:
            yield f"{path}: there is no {error}"
            continue
        for line in lines:
            if line not in output:
                yield f"{path}: {program} does not print: {line}"


def check_pages():
    paths = [pathlib.Path("README.md"), *sorted(pathlib.Path("docs").rglob("*.md"))]
    return [Page(path).check() for path in paths]


def main():
    pages = check_pages()
    if "--update" in sys.argv:
        for page in pages:
            page.path.write_text("\n".join(page.new) + "\n")
        pages = check_pages()
    shown = set().union(*(page.shown for page in pages))
    findings = [finding for page in pages for finding in page.findings]
    findings += check_parts(shown)
    findings += check_headers()
    if not shown:
        findings.append("no page has a snippet")
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
