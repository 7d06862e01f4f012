"""The program answers like the reference model in long sequences of calls over HTTP.

Usage: sequences_over_http_test.py [CLASS] SERVER PROGRAM [CALLS]

Without CALLS, 100,000 calls are made in each preset. tools/sequences_over_http.sh makes
more.
"""

import subprocess
import sys
import unittest

import harness

CALLS = int(sys.argv.pop()) if sys.argv[-1].isdigit() else 100_000
PROGRAM = sys.argv.pop()
SERVER = sys.argv.pop()
PRESETS = ("documented", "observed", "current")


class SequencesTest(unittest.TestCase):
    def test_there_is_no_difference(self):
        with harness.Server(SERVER, "--history-calls=0") as server:
            done = subprocess.run(
                [PROGRAM, server.url, str(CALLS)], stdout=subprocess.PIPE, text=True
            )
        print(done.stdout, file=sys.stderr)
        self.assertEqual(done.returncode, 0)
        lines = done.stdout.splitlines()
        self.assertEqual([line.split(":")[0] for line in lines], list(PRESETS))
        for line in lines:
            self.assertRegex(line, r": \d+ calls in \d+ sequences, no difference, ")
            self.assertGreaterEqual(int(line.split()[1]), CALLS)

    def test_a_server_that_cannot_be_asked_is_no_success(self):
        # Without control it cannot be reset.
        with harness.Server(SERVER, usual=("--log=off",)) as server:
            done = subprocess.run(
                [PROGRAM, server.url, "1"], stderr=subprocess.PIPE, text=True
            )
        self.assertEqual(done.returncode, 2)
        self.assertIn("HTTP status 404", done.stderr)


if __name__ == "__main__":
    unittest.main()
