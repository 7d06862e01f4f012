"""boto3, unmodified, and the table of what the encryption settings do: the server is held
to each row that the wire can show.

Of the columns the wire shows `result`, `kms_error`, `status`, `shown`, and `changed` and
`stored_password` as far as a later read tells.

Usage: encryption_outcomes_test.py SERVER
"""

import collections
import re
import sys
import unittest

import botocore.exceptions

import encryption_rows
import harness
from encryption_scene import Scene, code_of, started_server, text_of

SERVER = sys.argv.pop(1)

REFUSAL = re.compile(
    r"^(.*) \(Service: AWSKMS; Status Code: (\d+); Error Code: (\w+); Request ID: "
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}; Proxy: null\)$",
    re.DOTALL,
)
# How many rows are played, and how many are left out for each reason, so that none is lost
# silently.
PLAYED = 3742
LEFT_OUT = {encryption_rows.SEALED: 182, encryption_rows.ALIAS: 4}
# With a sanitizer every 11th row is played. Neither the number of states nor that of
# operations divides it, so that all of them are among these rows.
STEP = 11 if harness.SANITIZED else 1


def outcome_of(answer):
    """Returns the words of `result`, `kms_error` and `status`."""
    code = code_of(answer)
    if code is None:
        if "Succeeded" in answer and (answer["Succeeded"], answer.get("Errors")) != (
            ["orders"],
            {},
        ):
            return str(answer), "-", "-"
        return "success", "-", "-"
    if code != "GlueEncryptionException":
        return code, "-", "-"
    message = answer.response["Error"]["Message"]
    found = REFUSAL.match(message)
    if found is None:
        return code, message, "-"
    text, status, kms_error = found.groups()
    # KMS has no text for these alone.
    if kms_error == "InvalidCiphertextException" and text != "null":
        return code, message, status
    return code, kms_error, status


def shown_by(answer, base):
    """Returns the word of `shown`."""
    if code_of(answer) is not None:
        return "-"
    if "ConnectionList" in answer:
        if not answer["ConnectionList"]:
            return "nothing"
        (connection,) = answer["ConnectionList"]
    elif "Connection" in answer:
        connection = answer["Connection"]
    else:
        return "-"
    properties = dict(connection["ConnectionProperties"])
    if properties.pop("USERNAME", None) != "scott":
        return str(connection)
    for word, expected in (
        ("neither", {}),
        ("empty", {"PASSWORD": ""}),
        ("clear", {"PASSWORD": text_of("existing")}),
        ("encrypted", {"ENCRYPTED_PASSWORD": base.get("stored")}),
    ):
        if properties == expected:
            return word
    return str(connection)


def is_read(row):
    return row["operation"].startswith(("get", "list"))


def catalog_of(row):
    """Returns the words by which rows are sorted that may use the same catalog."""
    return row["before"], row["after"], row["existing"], is_read(row)


class OutcomesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.rows = encryption_rows.read()
        cls.server = started_server(SERVER)
        cls.scene = Scene(cls.server)

    @classmethod
    def tearDownClass(cls):
        cls.scene.close()
        assert cls.server.stop() == 0

    def check_answer(self, row, base, answer):
        actual = dict(zip(("result", "kms_error", "status"), outcome_of(answer)))
        actual["shown"] = shown_by(answer, base)
        settled = {column: row[column] for column in actual if row[column] != "?"}
        self.assertEqual({column: actual[column] for column in settled}, settled, answer)
        if "n2" in row["notes"]:
            self.assertNotIn("ENCRYPTED_PASSWORD", str(answer))

    def check_look(self, row, base, seen):
        """Checks what a later read shows: the connection of step 2, or of step 5."""
        if row["changed"] == "?":
            return
        if row["stored_object"] == "-":
            self.assertEqual(code_of(seen), "EntityNotFoundException")
            return
        self.assertIsNone(code_of(seen), seen)
        column = "input" if row["changed"] == "yes" else "existing"
        self.assertEqual(seen["Description"], column)
        if column == "existing":
            self.assertEqual(seen["LastUpdatedTime"], base["updated"])
        self.check_stored(row, base, column, dict(seen["ConnectionProperties"]))

    def check_stored(self, row, base, column, properties):
        self.assertEqual(properties.pop("USERNAME"), "scott")
        kept = row["stored_password"]
        word = row[column]
        flag = encryption_rows.flags(row["after"])
        cannot_decrypt = kept == "given" and word in ("damaged", "not-base64")
        if column == "existing" and encryption_rows.has_other_context(row):
            cannot_decrypt = True
        if kept == "?":
            return
        if kept in ("clear", "empty") and flag:
            # A read of it is not settled, see n2.
            self.assertNotIn("ENCRYPTED_PASSWORD", properties)
        elif kept == "none" or (cannot_decrypt and not flag):
            self.assertEqual(properties, {})
        elif kept == "empty":
            self.assertEqual(properties, {"PASSWORD": ""})
        elif not flag:
            self.assertEqual(properties, {"PASSWORD": text_of(column)})
        elif column == "existing":
            self.assertEqual(properties, {"ENCRYPTED_PASSWORD": base["stored"]})
        elif kept == "given":
            given = self.scene.given[column if word.endswith("encrypted") else word]
            self.assertEqual(properties, {"ENCRYPTED_PASSWORD": given})
        else:
            self.assertEqual(list(properties), ["ENCRYPTED_PASSWORD"])
            self.assertNotIn(
                properties["ENCRYPTED_PASSWORD"], (base.get("stored"), self.scene.given[column])
            )

    def play(self, batch):
        """Takes rows with the same state of the same keys through their steps, and returns
        how many there were."""
        scene = self.scene
        turns = []
        played = 0
        for row in sorted(batch, key=catalog_of):
            base = scene.base(row)
            # Reads of one catalog follow one another on it. The later read tells what any
            # of them has changed.
            if turns and is_read(row) and turns[-1][0] is base and is_read(turns[-1][1][-1]):
                turns[-1][1].append(row)
            else:
                turns.append((base, [row]))
        scene.strike(batch[0])
        for number, (base, rows) in enumerate(turns):
            scene.control("POST", f"/snapshots/{base['snapshot']}/restore")
            for row in rows:
                answer = scene.operate(row)
                with self.subTest(row=encryption_rows.name(row)):
                    self.check_answer(row, base, answer)
                played += 1
            scene.control("PUT", f"/snapshots/turn{number}")
        scene.heal(batch[0])
        for number, (base, rows) in enumerate(turns):
            scene.control("POST", f"/snapshots/turn{number}/restore")
            seen = scene.look(rows[-1])
            for row in rows:
                with self.subTest(row=encryption_rows.name(row), seen=seen):
                    self.check_look(row, base, seen)
        return played

    def test_the_rows(self):
        reasons = collections.Counter(map(encryption_rows.left_out, self.rows))
        self.assertEqual(reasons, {None: PLAYED, **LEFT_OUT})
        shown = [row for row in self.rows if encryption_rows.left_out(row) is None]
        batches = collections.defaultdict(list)
        for row in shown[::STEP]:
            batches[row["key"], row["struck"]].append(row)
        played = 0
        for batch in batches.values():
            played += self.play(batch)
        self.assertEqual(played, -(-PLAYED // STEP))
        print(f"{played} rows of {len(self.rows)}")

    def test_nothing_gives_a_state_to_the_key_of_the_alias(self):
        # Rows with alias/aws/glue have the outcome of `fine` for this reason.
        kms = self.scene.root
        key = kms.describe_key(KeyId="alias/aws/glue")["KeyMetadata"]["Arn"]
        policy = {"Policy": self.scene.policy}
        for call, members in (
            (kms.disable_key, {}), (kms.schedule_key_deletion, {}), (kms.put_key_policy, policy)
        ):
            with self.subTest(call=call.__name__):
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    call(KeyId=key, **members)
                self.assertEqual(code_of(raised.exception), "AccessDeniedException")
        self.assertEqual(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"], "Enabled")


if __name__ == "__main__":
    unittest.main()
