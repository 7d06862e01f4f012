"""A program that has the engine and the storage in memory links neither SQLite nor gRPC.

Usage: linked_libraries_test.py PLAIN DURABLE
PLAIN has no other storage; DURABLE has them all, and shows that they would be found.
"""

import re
import subprocess
import sys
import unittest

PLAIN, DURABLE = sys.argv[1:3]
del sys.argv[1:3]
# Shared libraries that a program may need: the compiler's, the C library's and those
# that the engine itself is built on.
USUAL = r"ld-linux-x86-64\.so\.2|lib(c|m|gcc_s|stdc\+\+|pthread|dl|crypto|ssl|z|protobuf|re2|simdjson|absl_\w+)\.so.*"
OURS = r"glue_security\S*(?:Sqlite|Etcd)|\bsqlite3_\w+|\bgrpc_\w+|\bgrpc::\w+"


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def needed(program):
    """Returns the shared libraries that the program asks for."""
    return set(re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", program)))


def symbols(program):
    """Returns the names in a program that belong to a durable storage."""
    return set(re.findall(OURS, output("nm", "-C", program)))


class LinkedLibrariesTest(unittest.TestCase):
    def test_the_storage_in_memory_needs_no_library_more(self):
        self.assertEqual(
            {name for name in needed(PLAIN) if not re.fullmatch(USUAL, name)}, set()
        )
        self.assertEqual(symbols(PLAIN), set())

    def test_durable_storages_would_be_found(self):
        more = needed(DURABLE) - needed(PLAIN)
        self.assertTrue(any(name.startswith("libsqlite3.so") for name in more), more)
        self.assertTrue(any(name.startswith("libgrpc++.so") for name in more), more)
        found = symbols(DURABLE)
        for prefix in ("sqlite3_", "grpc::", "glue_security::"):
            self.assertTrue(any(name.startswith(prefix) for name in found), prefix)


if __name__ == "__main__":
    unittest.main()
