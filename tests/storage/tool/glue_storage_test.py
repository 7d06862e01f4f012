"""The program glue-storage, on databases of SQLite.

Usage: glue_storage_test.py GLUE_STORAGE
"""

import base64
import contextlib
import hashlib
import json
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import unittest

PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())


def export_of(names):
    """Returns an export with a record for each name."""
    lines = [json.dumps({"glue_security_export": 1})]
    for name in names:
        lines.append(
            json.dumps(
                {
                    "catalog_id": "123456789012",
                    "region": "us-east-1",
                    "kind": 3,
                    "id": name,
                    "value": base64.b64encode(("value of " + name).encode()).decode(),
                }
            )
        )
    text = "".join(line + "\n" for line in lines)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return text + json.dumps({"records": len(names), "sha256": digest}) + "\n"


def records_in(text):
    return [json.loads(line) for line in text.splitlines()[1:-1]]


class GlueStorageTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_program(self, *arguments, status=0, text=None):
        run = subprocess.run(
            [PROGRAM, *arguments],
            capture_output=True,
            text=True,
            timeout=300,
            input=text,
            cwd=self.folder,
        )
        self.assertEqual(run.returncode, status, run.stdout + run.stderr)
        if status == 0:
            self.assertEqual(run.stderr, "")
        return run.stdout if status != 2 else run.stderr

    def filled(self, name, names=("a", "b", "c")):
        self.run_program("import", "sqlite:" + name, "-", text=export_of(names))

    def test_a_copy_has_every_record(self):
        self.filled("a.db")
        self.assertEqual(
            self.run_program("copy", "sqlite:a.db", "sqlite:b.db"), "3 records copied\n"
        )
        self.assertEqual(
            self.run_program("export", "sqlite:b.db", "b.jsonl"), "3 records exported\n"
        )
        exported = (self.folder / "b.jsonl").read_text()
        self.assertEqual(records_in(exported), records_in(export_of("abc")))
        self.assertEqual(
            self.run_program("--format=json", "import", "sqlite:c.db", "b.jsonl"),
            '{"records":3}\n',
        )
        stats = json.loads(self.run_program("stats", "sqlite:c.db", "--format=json"))
        self.assertEqual((stats["catalogs"], stats["records"]), (1, 3))
        self.assertEqual(self.run_program("verify", "sqlite:c.db"), "no damage was found\n")
        said = self.run_program("upgrade", "sqlite:c.db", "--format=json")
        self.assertEqual(json.loads(said), {"has_current_format": True})

    def test_records_are_not_replaced_unless_told(self):
        self.filled("a.db")
        self.filled("b.db", ["x"])
        for command in (
            ("copy", "sqlite:b.db", "sqlite:a.db"),
            ("import", "sqlite:a.db", "-"),
        ):
            said = self.run_program(*command, status=2, text=export_of(["x"]))
            self.assertIn("the storage has records already; --replace", said)
        self.assertIn("records       3", self.run_program("stats", "sqlite:a.db"))
        self.run_program("copy", "--replace", "sqlite:b.db", "sqlite:a.db")
        self.assertIn("records       1", self.run_program("stats", "sqlite:a.db"))

    def test_an_export_that_was_cut_off_replaces_nothing(self):
        self.filled("a.db")
        text = export_of(["x", "y"])
        for size in (0, 10, 100, len(text) - 2):
            said = self.run_program(
                "import", "--replace", "sqlite:a.db", "-", status=2, text=text[:size]
            )
            self.assertRegex(said, r"\Aglue-storage: -: line \d+: ")
        self.assertIn("records       3", self.run_program("stats", "sqlite:a.db"))

    def test_damage_is_found(self):
        self.filled("a.db")
        path = self.folder / "a.db"
        data = bytearray(path.read_bytes())
        place = data.rfind(b"value of b")
        self.assertGreater(place, 0)
        data[place] ^= 1
        path.write_bytes(data)
        said = self.run_program("verify", "sqlite:a.db", status=1)
        self.assertIn('123456789012/us-east-1 kind 3 "b" ', said)
        lines = self.run_program("verify", "sqlite:a.db", "--format=json", status=1)
        problem = json.loads(lines.splitlines()[0])
        self.assertEqual((problem["kind"], problem["id"]), (3, "b"))
        self.assertGreater(json.loads(lines.splitlines()[-1])["problems"], 0)
        # No part of an export is left.
        self.run_program("export", "sqlite:a.db", "a.jsonl", status=2)
        self.assertFalse((self.folder / "a.jsonl").exists())

    def test_damage_that_keeps_it_from_being_opened_is_found(self):
        (self.folder / "a.db").write_bytes(b"no database" * 100)
        said = self.run_program("verify", "sqlite:a.db", "--format=json", status=1)
        first, last = map(json.loads, said.splitlines())
        self.assertIn("a.db", first["what"])
        self.assertEqual(last, {"problems": 1})
        self.run_program("stats", "sqlite:a.db", status=2)

    def test_what_is_not_there_is_not_made(self):
        for command in ("verify", "stats", "upgrade"):
            said = self.run_program(command, "sqlite:no.db", status=2)
            self.assertIn("no.db: No such file or directory", said)
        self.run_program("export", "sqlite:no.db", "no.jsonl", status=2)
        self.run_program("copy", "sqlite:no.db", "sqlite:other.db", status=2)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_paths_mean_the_folder_of_the_user_of_bazel_run(self):
        self.filled("a.db")
        run = subprocess.run(
            [PROGRAM, "stats", "sqlite:a.db"],
            capture_output=True,
            text=True,
            timeout=300,
            cwd="/",
            env={**os.environ, "BUILD_WORKING_DIRECTORY": str(self.folder)},
        )
        self.assertEqual(run.returncode, 0, run.stderr)

    def test_no_file_is_overwritten(self):
        self.filled("a.db")
        before = (self.folder / "a.db").read_bytes()
        (self.folder / "b.jsonl").write_text("precious")
        said = self.run_program("export", "sqlite:a.db", "b.jsonl", status=2)
        self.assertIn("b.jsonl exists", said)
        self.assertEqual((self.folder / "b.jsonl").read_text(), "precious")
        # Opening would have reserved revisions.
        self.assertEqual((self.folder / "a.db").read_bytes(), before)

    def test_an_export_that_nests_is_refused_at_any_depth(self):
        deep = 300_000
        head = '{"glue_security_export":1}\n'
        for opened, closed in (("[", "]"), ('{"a":', "}")):
            nested = opened * deep + "1" + closed * deep
            for text in (
                nested,
                '{"glue_security_export":' + nested + "}\n",
                '{"glue_security_export":1,"x":' + nested + "}\n",
                head + nested + "\n",
                head + '{"records":' + nested + ',"sha256":"x"}\n',
                head + '{"records":0,"sha256":' + nested + "}\n",
                head + '{"kind":' + nested + "}\n",
                head + '{"x":' + nested,
                head + opened * deep,
            ):
                said = self.run_program("import", "sqlite:a.db", "-", status=2, text=text)
                self.assertRegex(said, r"\Aglue-storage: -: line \d: [^\n]{1,80}\n\Z")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_an_export_says_of_its_format_is_not_repeated(self):
        for format_ in ('"\\u001b[31m"', '"' + "x" * 10_000 + '"', "true", "null", "{}"):
            text = '{"glue_security_export":' + format_ + "}\n"
            self.assertEqual(
                self.run_program("import", "sqlite:a.db", "-", status=2, text=text),
                "glue-storage: -: line 1: this is not an export\n",
            )

    def test_a_record_that_comes_twice_is_named(self):
        self.filled("a.db")
        (self.folder / "twice.jsonl").write_text(export_of(["x", "y", "z", "y", "x"]))
        for database in ("a.db", "new.db"):
            said = self.run_program(
                "import", "--replace", "sqlite:" + database, "twice.jsonl", status=2
            )
            self.assertEqual(
                said, "glue-storage: twice.jsonl: line 5: the record of line 3 comes again\n"
            )
        self.assertFalse((self.folder / "new.db").exists())
        self.assertIn("records       3", self.run_program("stats", "sqlite:a.db"))

    def test_an_empty_file_is_no_storage(self):
        path = self.folder / "empty.db"
        path.touch()
        url = "sqlite:empty.db"
        for command in (
            ("verify", url),
            ("verify", url + "?synchronous=normal"),
            ("stats", url),
            ("upgrade", url),
            ("export", url, "-"),
            ("export", url, "export.jsonl"),
            ("copy", url, "sqlite:other.db"),
        ):
            said = self.run_program(*command, status=2)
            self.assertEqual(said, "glue-storage: empty.db: the file is empty\n", command)
            self.assertEqual([p.name for p in self.folder.iterdir()], ["empty.db"])
            self.assertEqual(path.stat().st_size, 0)
        self.run_program("import", url, "-", text=export_of(["x"]))
        self.assertIn("records       1", self.run_program("stats", url))
        (self.folder / "target.db").touch()
        self.run_program("copy", url, "sqlite:target.db")

    def test_output_that_cannot_be_written_is_an_error(self):
        self.filled("a.db", [str(number) * 1000 for number in range(10)])
        reason = "No space left on device\n"
        for arguments, what in (
            (("verify", "sqlite:a.db"), "the standard output"),
            (("verify", "sqlite:a.db", "--format=json"), "the standard output"),
            (("stats", "sqlite:a.db"), "the standard output"),
            (("upgrade", "sqlite:a.db"), "the standard output"),
            (("copy", "sqlite:a.db", "sqlite:b.db"), "the standard output"),
            (("--help",), "the standard output"),
            (("--version",), "the standard output"),
            (("export", "sqlite:a.db", "-"), "-"),
        ):
            with open("/dev/full", "w", encoding="utf-8") as full:
                run = subprocess.run(
                    [PROGRAM, *arguments],
                    stdout=full,
                    stderr=subprocess.PIPE,
                    text=True,
                    timeout=300,
                    cwd=self.folder,
                )
            self.assertEqual(run.returncode, 2, arguments)
            self.assertEqual(run.stderr, f"glue-storage: cannot write {what}: {reason}")

    def test_names_are_printed_as_visible_ascii(self):
        names = ["\u202e", "\u0085", "\u00e4", "\n", "\x1b[31m", '"\\']
        self.filled("a.db", names)
        with contextlib.closing(sqlite3.connect(self.folder / "a.db")) as database:
            database.execute("UPDATE record SET value = x'ff', catalog_id = x'ff0a'")
            database.commit()
        said = self.run_program("verify", "sqlite:a.db", status=1)
        self.assertRegex(said, r"\A[\n -~]+\Z")
        # One line for each record, and one for the number of problems.
        self.assertEqual(said.count("\n"), len(names) + 1)
        self.assertIn(r'\xff\n/us-east-1 kind 3 "\xe2\x80\xae" ', said)
        for command in (
            ("export", "sqlite:a.db", "-"),
            ("copy", "sqlite:a.db", "sqlite:b.db"),
        ):
            said = self.run_program(*command, status=2)
            self.assertRegex(said, r"\Aglue-storage: [ -~]+\n\Z")
            self.assertIn("sqlite:a.db: ", said)
            self.assertIn(r'\xff\n/us-east-1 kind 3 "\n"', said)

    def test_an_error_is_one_line(self):
        for arguments in (
            ("stats", "sqlite:a\nb\x1b.db"),
            ("stats", "red\nis:"),
            ("--no\nflag",),
            ("--format=a\nb", "stats", "memory"),
            ("import", "memory", "a\nb\u202e"),
            ("export", "memory", "no\nfolder/x"),
        ):
            said = self.run_program(*arguments, status=2)
            self.assertRegex(said, r"\Aglue-storage: [ -~]+\n\Z")

    def test_a_place_that_is_damaged_is_counted_as_one(self):
        self.filled("a.db")
        with contextlib.closing(sqlite3.connect(self.folder / "a.db")) as database:
            database.execute("UPDATE record SET value = x'ff' WHERE id = CAST('b' AS BLOB)")
            database.commit()
        said = self.run_program("verify", "sqlite:a.db", status=1)
        self.assertEqual(said.splitlines()[1:], ["1 place is damaged"])

    def test_wrong_commands_are_refused(self):
        for arguments in ((), ("verify",), ("verify", "memory", "x"), ("delete", "memory")):
            self.assertIn("--help", self.run_program(*arguments, status=2))
        said = self.run_program("stats", "redis://localhost", status=2)
        forms = "memory, sqlite:PATH or etcd://"
        self.assertIn(forms, said)
        usage = self.run_program("--help")
        self.assertIn("glue-storage copy URL URL", usage)
        self.assertIn(f"A URL has one of the forms\n  {forms}", usage)


if __name__ == "__main__":
    unittest.main()
