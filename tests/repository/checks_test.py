"""The checks of tools/ fail when they find no files, and check the files they claim to.

Each runs in a project of its own, with programs that only record their arguments.
Usage: checks_test.py TOOLS_FOLDER, where the folder is this project's.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(sys.argv.pop(1)).resolve()

# A script in the place of clang-format, g++ and clang-tidy.
TELLER = """#!/bin/bash
printf '%s ' "$(basename "$0")" "$@" >>"$TOLD"
echo >>"$TOLD"
"""

# In the place of clang-tidy: records, in a line for each run, the sources that it checks:
# the given one, or those that a list outside the project includes.
TIDY = """#!/bin/bash
for word; do
  case $word in
    --) break ;;
    -*) ;;
    *) file=$word ;;
  esac
done
case $file in
  /*) sources=$(sed -n 's/^#include "\\(.*\\)".*/\\1/p' "$file") ;;
  *) sources=$file ;;
esac
echo $sources >>"$TOLD"
"""


class Project:
    """A git repository with the checks in it."""

    def __init__(self, folder):
        self.root = pathlib.Path(folder)
        self.told = self.root / "told.txt"
        self.programs = self.root / "programs"
        (self.root / "tools").mkdir()
        self.programs.mkdir()
        for name in (
            "check_format.sh", "check_headers.sh", "check_tidy.sh",
            "install_npm_packages.sh", "source_files.sh",
        ):
            # A link would lead to this project's own file.
            shutil.copyfile((TOOLS / name).resolve(), self.root / "tools" / name)
            (self.root / "tools" / name).chmod(0o755)
        self.program(self.root / "tools" / "compile_flags.sh", "#!/bin/sh\necho -I.\n")
        for name in ("clang-format", "g++", "clang-tidy"):
            self.program(self.programs / name, TELLER)
        (self.root / ".gitignore").write_text("/tools/\n/programs/\n/told.txt\n")
        self.run("git", "init", "--quiet", ".")

    def program(self, path, text):
        path.write_text(text)
        path.chmod(0o755)

    def write(self, *names, text=""):
        for name in names:
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def run(self, *command):
        environment = {
            "PATH": f"{self.programs}:/usr/bin:/bin",
            "TOLD": str(self.told),
            "HOME": str(self.root),
            "GIT_CEILING_DIRECTORIES": str(self.root.parent),
        }
        return subprocess.run(
            command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=60
        )

    def files_told(self):
        """Returns the files of the project that the programs were given."""
        words = self.told.read_text().split() if self.told.exists() else []
        return sorted(w for w in set(words) if (self.root / w).is_file())


class ChecksTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Project(folder.name)

    def check(self, name, *arguments):
        return self.project.run("bash", f"tools/{name}.sh", *arguments)

    def test_no_file_fails(self):
        self.project.write("README.md")
        for name in ("check_format", "check_headers", "check_tidy"):
            result = self.check(name)
            self.assertNotEqual(result.returncode, 0, name)
            self.assertIn("no file matches", result.stderr)
            self.assertEqual(self.project.files_told(), [], name)

    def test_no_repository_fails(self):
        shutil.rmtree(self.project.root / ".git")
        self.project.write("glue_security/a.h", "glue_security/a.cc")
        for name in ("check_format", "check_headers", "check_tidy"):
            self.assertNotEqual(self.check(name).returncode, 0, name)
            self.assertEqual(self.project.files_told(), [], name)

    def test_flags_that_cannot_be_had_fail(self):
        self.project.program(self.project.root / "tools" / "compile_flags.sh", "#!/bin/sh\nexit 1\n")
        self.project.write("glue_security/a.cc", "glue_security/b.h")
        for name in ("check_headers", "check_tidy"):
            self.assertNotEqual(self.check(name).returncode, 0, name)
            self.assertEqual(self.project.files_told(), [], name)

    def test_format_looks_at_all_sources(self):
        files = ["a.h", "b/c.cc", "benchmarks/f.cc", "proto/d.proto", "tests/e.h"]
        self.project.write(*files)
        self.assertEqual(self.check("check_format").returncode, 0)
        self.assertEqual(self.project.files_told(), files)

    def test_headers_are_those_of_every_folder(self):
        files = ["benchmarks/a.h", "examples/b.h", "glue_security/c/d.h", "tests/e.h"]
        self.project.write(*files, "glue_security/f.cc")
        self.assertEqual(self.check("check_headers").returncode, 0)
        self.assertEqual(self.project.files_told(), files)

    def test_headers_that_a_build_has_shown_are_left_out(self):
        self.project.write("a.h", "b.h", "a.h.h", "dir/a.h")
        self.project.write("a.cc", text='// Words.\n\n#include "a.h"\n\n#include "b.h"\n')
        self.project.write("c.cc", text='#include <string>\n')
        self.assertEqual(self.check("check_headers").returncode, 0)
        self.assertEqual(self.project.files_told(), ["a.h.h", "b.h", "dir/a.h"])

    def test_tidy_looks_at_the_product_and_the_examples(self):
        self.project.write("glue_security/testing/kit.cc", "tests/t.cc", "benchmarks/b.cc")
        self.project.write("glue_security/a/b.cc", text='#include "glue_security/a/b.h"\n')
        self.project.write("glue_security/a/b.h", "examples/e.cc")
        result = self.check("check_tidy")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(self.project.files_told(), ["examples/e.cc", "glue_security/a/b.cc"])

    def test_tidy_finds_headers_that_it_does_not_see(self):
        self.project.write("glue_security/a/b.cc", "glue_security/a/alone.h")
        result = self.check("check_tidy")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("glue_security/a/alone.h: no source includes it", result.stderr)

    def test_tidy_looks_at_the_files_given(self):
        self.project.write("tests/t.cc", "glue_security/a.cc")
        self.assertEqual(self.check("check_tidy", "tests/t.cc").returncode, 0)
        self.assertEqual(self.project.files_told(), ["tests/t.cc"])

    def write_sources(self):
        """Writes twelve sources of one folder, one of another, and a program."""
        sources = [f"glue_security/a/s{i:02}.cc" for i in range(12)] + ["glue_security/b/s.cc"]
        self.project.write("glue_security/a/s.h")
        self.project.write(*sources, text='#include "glue_security/a/s.h"\n')
        self.project.write("glue_security/a/main.cc", text="int main() {}\n")
        return [*sources, "glue_security/a/main.cc"]

    def runs_told(self):
        return [line.split() for line in self.project.told.read_text().splitlines()]

    def test_tidy_looks_at_the_sources_of_a_folder_as_one(self):
        sources = self.write_sources()
        self.project.program(self.project.programs / "clang-tidy", TIDY)
        result = self.check("check_tidy")
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        runs = self.runs_told()
        self.assertEqual(sorted(sum(runs, [])), sorted(sources))
        self.assertEqual(sorted(len(run) for run in runs), [1, 1, 2, 10])
        self.assertIn(["glue_security/a/main.cc"], runs)

    def test_tidy_looks_at_each_source_alone_where_all_are_not_clean(self):
        sources = self.write_sources()
        # Fails for every list.
        tidy = TIDY + "case $file in /*) exit 1 ;; esac\n"
        self.project.program(self.project.programs / "clang-tidy", tidy)
        result = self.check("check_tidy")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("glue_security/a: not clean as one", result.stdout)
        alone = [run[0] for run in self.runs_told() if len(run) == 1]
        self.assertEqual(sorted(alone), sorted(sources))

    def test_tidy_fails_where_one_source_of_a_folder_is_not_clean(self):
        self.write_sources()
        tidy = TIDY + "case $sources in *s03.cc*) echo found it; exit 1 ;; esac\n"
        self.project.program(self.project.programs / "clang-tidy", tidy)
        result = self.check("check_tidy")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("found it", result.stdout)

    def test_what_a_program_finds_fails(self):
        self.project.write("glue_security/a.cc", "examples/b.h")
        for name, program in (
            ("check_format", "clang-format"), ("check_headers", "g++"), ("check_tidy", "clang-tidy"),
        ):
            self.project.program(self.project.programs / program, "#!/bin/sh\nexit 1\n")
            self.assertNotEqual(self.check(name).returncode, 0, name)


class NodeTest(unittest.TestCase):
    """install_npm_packages.sh accepts only a node of the right version."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.project = Project(folder.name)
        self.project.write("tests/clients/js/package-lock.json", text="{}\n")
        self.project.program(self.project.programs / "npm", TELLER + "mkdir node_modules\n")

    def node(self, version):
        """Installs a node that knows nothing but its version."""
        major = version.split(".")[0]
        self.project.program(
            self.project.programs / "node",
            "#!/bin/sh\n"
            f'case "$*" in *execPath*) echo "$0";; -p*) echo {major};; *) echo v{version};; esac\n',
        )

    def install(self):
        return self.project.run("bash", "tools/install_npm_packages.sh")

    def npm_ran(self):
        return self.project.told.exists() and "npm ci" in self.project.told.read_text()

    def test_an_old_node_is_refused(self):
        for version in ("0.12.18", "8.17.0", "16.20.2", "17.9.1"):
            self.node(version)
            result = self.install()
            self.assertNotEqual(result.returncode, 0, version)
            self.assertIn(f"is version v{version}, and 18 or later is needed", result.stderr)
            self.assertFalse(self.npm_ran(), version)

    def test_a_node_of_no_version_is_refused(self):
        self.project.program(self.project.programs / "node", "#!/bin/sh\nexit 0\n")
        self.assertNotEqual(self.install().returncode, 0)
        self.assertFalse(self.npm_ran())

    def test_a_new_node_installs_once(self):
        for version in ("18.0.0", "100.1.0"):
            self.node(version)
            shutil.rmtree(self.project.root / "tests/clients/js/node_modules", ignore_errors=True)
            self.assertEqual(self.install().returncode, 0, version)
            self.assertTrue(self.npm_ran(), version)
            self.project.told.unlink()
            self.assertEqual(self.install().returncode, 0, version)
            self.assertFalse(self.npm_ran(), version)

    def test_a_node_that_has_become_old_is_noticed(self):
        self.node("20.1.0")
        self.assertEqual(self.install().returncode, 0)
        self.node("16.1.0")
        result = self.install()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("18 or later is needed", result.stderr)


if __name__ == "__main__":
    unittest.main()
