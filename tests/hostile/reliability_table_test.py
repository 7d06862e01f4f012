"""The output of tools/reliability_table.py, and the reports that it refuses.

Usage: reliability_table_test.py TOOL CAMPAIGN
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

CAMPAIGN = sys.argv.pop(2)
TOOL = sys.argv.pop(1)
BEGIN = "<!-- reliability begin: tools/reliability_table.py writes this -->"
END = "<!-- reliability end -->"
PAGE = f"before\n{BEGIN}\nold\n{END}\nafter\n"


def run_of(name, tried, survived, **more):
    return {"class": name, "about": f"the {name}", "tried": tried, "survived": survived,
            "sanitizers": [], **more}


class ReliabilityTableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.page = self.folder / "page.md"
        self.page.write_text(PAGE)
        (self.folder / "names").write_text("floods\ntrickles\n")

    def write(self, *runs):
        """Returns the exit status and the output of the tool."""
        report = self.folder / "report"
        report.write_text("".join(
            (run if isinstance(run, str) else json.dumps(run)) + "\n" for run in runs))
        result = subprocess.run(
            [sys.executable, TOOL, "--page", self.page, "--attacks", self.folder / "names",
             report],
            capture_output=True, text=True,
        )
        return result.returncode, result.stderr

    def assertRefused(self, message, *runs):
        status, said = self.write(*runs)
        self.assertEqual(status, 1, said)
        self.assertIn(message, said)
        self.assertEqual(self.page.read_text(), PAGE)

    def test_runs_are_added_up_between_the_markers(self):
        status, said = self.write(
            run_of("floods", 1000, 1000, honest={"p99_ms": 2.5}, peak_mib=80.2,
                   bound_mib=128.0),
            run_of("trickles", 3, 2),
            run_of("floods", 234, 234, honest={"p99_ms": 7.25}, peak_mib=70.0,
                   bound_mib=128.0),
            # Sanitizer runs say nothing about time and memory.
            run_of("floods", 1, 1, honest={"p99_ms": 900}, peak_mib=900.0,
                   bound_mib=128.0) | {"sanitizers": ["asan"]},
        )
        self.assertEqual(status, 0, said)
        text = self.page.read_text()
        self.assertTrue(text.startswith(f"before\n{BEGIN}\n| attack |"))
        self.assertTrue(text.endswith(f"|\n{END}\nafter\n"))
        self.assertIn("| the floods | 1,235 | 1,235 | 7.2 ms | 80 of 128 MiB |\n", text)
        self.assertIn("| the trickles | 3 | **2** |  |  |\n", text)
        self.assertNotIn("old", text)

    def test_a_row_with_no_inputs_tried_fails(self):
        self.assertRefused("trickles: no inputs tried", run_of("floods", 1, 1))
        self.assertRefused(
            "trickles: no inputs tried", run_of("floods", 1, 1), run_of("trickles", 0, 0))

    def test_what_is_not_a_result_fails(self):
        good = [run_of("floods", 1, 1), run_of("trickles", 1, 1)]
        self.assertRefused("report:3: not a result", *good, "{}")
        self.assertRefused("report:3: not a result", *good, "half a li")
        self.assertRefused("there is no attack x", *good, run_of("x", 1, 1))

    def test_a_page_without_markers_fails(self):
        self.page.write_text("nothing")
        status, said = self.write(run_of("floods", 1, 1), run_of("trickles", 1, 1))
        self.assertEqual((status, self.page.read_text()), (1, "nothing"))
        self.assertIn("no place for the table", said)

    def test_every_attack_has_a_name_of_its_own(self):
        out = subprocess.run(
            [sys.executable, CAMPAIGN, "--list"], check=True, capture_output=True, text=True)
        names = out.stdout.split()
        self.assertGreater(len(names), 40)
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertRegex(name, re.compile("^[a-z_]+$"))


if __name__ == "__main__":
    unittest.main()
