"""Tests the output and the exit statuses of the program glue-policy.

Usage: glue_policy_test.py PROGRAM BAD_POLICY ITS_OUTPUT GOOD_POLICY
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, BAD, BAD_OUTPUT, GOOD = (os.path.abspath(name) for name in sys.argv[1:5])
del sys.argv[1:5]

ALICE = "arn:aws:iam::123456789012:user/alice"
STRANGER = "arn:aws:iam::210987654321:user/mallory"
SESSION = "arn:aws:sts::123456789012:assumed-role/reader/s1"
CATALOG = "arn:aws:glue:us-east-1:123456789012:"


def run(*arguments, **options):
    """Returns (exit status, standard output, standard error)."""
    done = subprocess.run(
        [PROGRAM, *arguments], capture_output=True, check=False, **options
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def statement(**members):
    return {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "glue:Get*",
        "Resource": CATALOG + "*",
        **members,
    }


class GluePolicyTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, *statements, name="policy.json", version="2012-10-17"):
        path = self.folder / name
        path.write_text(
            json.dumps({"Version": version, "Statement": list(statements)})
        )
        return str(path)

    def decide(self, policy, *more, caller=ALICE, action="glue:GetTable", **options):
        return run(
            "decide",
            "--policy",
            policy,
            "--account=123456789012",
            "--region=us-east-1",
            "--caller",
            caller,
            "--action",
            action,
            "--resource",
            CATALOG + "table/db/orders",
            *more,
            **options,
        )

    def refused(self, error, *arguments):
        self.assertEqual(run(*arguments), (2, "", f"glue-policy: {error}\n"))


class Check(GluePolicyTest):
    def test_findings_are_printed_as_a_compiler_prints_errors(self):
        # The name of a file is relative to the user's folder.
        status, out, err = run(
            "check",
            os.path.basename(BAD),
            env={**os.environ, "BUILD_WORKING_DIRECTORY": os.path.dirname(BAD)},
        )
        self.assertEqual((status, err), (1, ""))
        self.assertEqual(out, pathlib.Path(BAD_OUTPUT).read_text())

    def test_flags_say_what_is_checked(self):
        good = f"{GOOD}: no findings\n"
        for flags in (
            (),
            ("--level", "grammar"),
            ("--account", "123456789012", "--region=us-east-1"),
        ):
            self.assertEqual(run("check", GOOD, *flags), (0, good, ""))
        self.assertEqual(
            run("check", "--level=json", BAD), (0, f"{BAD}: no findings\n", "")
        )
        for flags, last in (
            (("--region", "eu-west-1"), "2 errors in a policy of account 123456789012, eu-west-1"),
            (
                ("--account", "111111111111"),
                "2 errors in a policy of account 111111111111, us-east-1",
            ),
        ):
            status, out, _ = run("check", GOOD, *flags)
            self.assertEqual(status, 1)
            self.assertEqual(out.splitlines()[-1], f"{GOOD}: {last}")
        status, out, _ = run("check", BAD, "--level", "grammar")
        self.assertEqual(
            (status, out.splitlines()[-1]),
            (1, f"{BAD}: 6 errors in a policy of account 210987654321, eu-west-1"),
        )

    def test_the_caller_must_not_be_locked_out(self):
        policy = self.write(statement(Effect="Deny", Action="*"))
        self.assertEqual(run("check", policy)[0], 0)
        status, out, _ = run("check", policy, "--caller", ALICE)
        self.assertEqual(status, 1)
        self.assertIn("[POLICY_LOCKS_OUT_CALLER]", out)

    def test_warnings_refuse_nothing(self):
        policy = self.write(statement(Condition={"Bool": {"aws:x": "no"}}))
        status, out, err = run("check", policy)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(": warning: the value never matches", out)
        self.assertIn("[TYPE_MISMATCH_BOOLEAN]", out)
        self.assertIn(": 1 warning in a policy of account 123456789012", out)
        self.assertEqual(run("check", policy, "--werror")[0], 1)
        self.assertEqual(run("check", GOOD, "--werror")[0], 0)
        finding = json.loads(run("check", policy, "--format=json")[1])["findings"][0]
        self.assertEqual(finding["severity"], "warning")
        # A policy with errors has only those.
        status, out, _ = run("check", "--werror", BAD)
        self.assertEqual((status, "warning" in out), (1, False))
        self.refused("--werror takes no value", "check", GOOD, "--werror=1")
        self.refused('decide has no flag "--werror"', "decide", "--werror")

    def test_a_group_is_a_warning_where_the_grammar_is_not_asked(self):
        policy = self.write(
            statement(Principal={"AWS": "arn:aws:iam::123456789012:group/a"})
        )
        status, out, err = run("check", "--level=json", policy)
        self.assertEqual((status, err), (0, ""))
        self.assertIn(": warning: IAM takes no group for a principal", out)
        self.assertIn("[INVALID_PRINCIPAL_FORMAT]", out)
        self.assertIn(": 1 warning in a policy of account 123456789012", out)
        self.assertEqual(run("check", "--level=json", "--werror", policy)[0], 1)
        for level in ("grammar", "glue"):
            status, out, _ = run("check", "--level", level, policy)
            self.assertEqual(status, 1)
            self.assertIn(": error: a group is not a principal", out)
            self.assertIn("[INVALID_PRINCIPAL_FORMAT]", out)

    def test_several_files_are_checked_and_the_worst_status_stays(self):
        status, out, err = run("check", GOOD, BAD, GOOD)
        self.assertEqual((status, err), (1, ""))
        self.assertTrue(out.startswith(f"{GOOD}: no findings\n{BAD}:2:13: error:"))
        self.assertTrue(out.endswith(f"{GOOD}: no findings\n"))
        missing = str(self.folder / "missing")
        status, out, err = run("check", missing, BAD, GOOD)
        self.assertEqual(
            (status, err), (2, f"glue-policy: {missing}: No such file or directory\n")
        )
        self.assertTrue(out.endswith(f"{GOOD}: no findings\n"))

    def test_json_is_one_object_a_line(self):
        status, out, err = run("check", "--format=json", GOOD, BAD)
        self.assertEqual((status, err), (1, ""))
        good, bad = (json.loads(line) for line in out.splitlines())
        self.assertEqual(good, {"file": GOOD, "findings": []})
        self.assertEqual(bad["file"], BAD)
        self.assertEqual(len(bad["findings"]), 7)
        self.assertEqual(
            bad["findings"][2],
            {
                "code": "INVALID_EFFECT",
                "severity": "error",
                "pointer": "/Statement/0/Effect",
                "line": 7,
                "column": 17,
                "message": 'Effect must be "Allow" or "Deny", in exactly this case',
            },
        )
        # The name of a file may have any bytes, but JSON is UTF-8.
        strange = os.fsencode(self.folder) + b'/\xff"\n\xc3\xa9'
        with open(strange, "wb") as file:
            file.write(b"")
        out = run("check", "--format", "json", strange)[1]
        self.assertEqual(out.count("\n"), 1)
        self.assertTrue(json.loads(out)["file"].endswith('/?"\n??'))

    def test_what_is_not_json_has_one_finding(self):
        for text in ("", "{", "[]", '{"Statement":\x1b[31m}'):
            path = self.folder / "text"
            path.write_text(text)
            for level in ("json", "grammar", "glue"):
                status, out, err = run("check", str(path), "--level", level)
                self.assertEqual((status, err), (1, ""))
                self.assertTrue(
                    out.endswith(
                        ": 1 error in a policy of account 123456789012, us-east-1\n"
                    )
                )
                self.assertNotIn("\x1b", out)


class Decide(GluePolicyTest):
    def test_an_allow_names_the_statement(self):
        policy = self.write(
            statement(Action="glue:Delete*"), statement(Sid="read", Action="glue:G*")
        )
        self.assertEqual(
            self.decide(policy),
            (
                0,
                "allow: the policy says allow, the identity policies implicit_deny\n"
                'statement 1, Sid "read", Allow, applies\n'
                '  Principal: "*" matches\n'
                '  Action: "glue:G*" matches\n'
                f'  Resource: "{CATALOG}*" matches\n',
                "",
            ),
        )
        status, out, err = self.decide(policy, "--format=json")
        self.assertEqual((status, err), (0, ""))
        self.assertEqual(
            json.loads(out),
            {
                "decision": "allow",
                "statements": [
                    {
                        "index": 1,
                        "sid": "read",
                        "effect": "Allow",
                        "applies": True,
                        "principal": {"matched": True, "entry": "*"},
                        "named_as": "everybody",
                        "action": {"matched": True, "entry": "glue:G*"},
                        "resource": {"matched": True, "entry": CATALOG + "*"},
                        "conditions": [],
                    }
                ],
            },
        )

    def test_a_denial_has_the_text_of_the_service(self):
        policy = self.write(
            statement(NotAction="glue:GetTable", Action=None),
        )
        text = json.loads(pathlib.Path(policy).read_text())
        del text["Statement"][0]["Action"]
        pathlib.Path(policy).write_text(json.dumps(text))
        self.assertEqual(
            self.decide(policy),
            (
                1,
                "implicit_deny: the policy says implicit_deny, the identity policies "
                "implicit_deny\n"
                f"User: {ALICE} is not authorized to perform: glue:GetTable on "
                f"resource: {CATALOG}table/db/orders because no identity-based policy "
                "allows the glue:GetTable action\n"
                "statement 0, Allow, does not apply\n"
                '  Principal: "*" matches\n'
                '  NotAction: "glue:GetTable" matches\n'
                f'  Resource: "{CATALOG}*" matches\n',
                "",
            ),
        )

    def test_identity_policies_and_the_account_count(self):
        policies = {
            "silent": self.write(statement(Action="glue:Delete*"), name="silent"),
            "allow": self.write(statement(), name="allow"),
            "deny": self.write(statement(Effect="Deny"), name="deny"),
        }
        for policy, identity, caller, decision in (
            ("silent", "implicit_deny", ALICE, "implicit_deny"),
            ("silent", "allow", ALICE, "allow"),
            ("silent", "explicit_deny", ALICE, "explicit_deny"),
            ("silent", "allow", STRANGER, "implicit_deny"),
            ("allow", "implicit_deny", ALICE, "allow"),
            ("allow", "implicit_deny", STRANGER, "implicit_deny"),
            ("allow", "allow", STRANGER, "allow"),
            ("allow", "explicit_deny", ALICE, "explicit_deny"),
            ("deny", "allow", ALICE, "explicit_deny"),
        ):
            with self.subTest(policy=policy, identity=identity, caller=caller):
                status, out, err = self.decide(
                    policies[policy],
                    "--identity",
                    identity,
                    "--format",
                    "json",
                    caller=caller,
                )
                self.assertEqual(err, "")
                self.assertEqual(json.loads(out)["decision"], decision)
                self.assertEqual(status, 0 if decision == "allow" else 1)

    def test_context_and_role(self):
        role_arn = "arn:aws:iam::123456789012:role/team/reader"
        policy = self.write(
            statement(
                Condition={
                    "StringEquals": {"aws:PrincipalArn": role_arn},
                    "IpAddress": {"aws:SourceIp": "203.0.113.0/24"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b=c"]},
                },
            )
        )
        role = ("--role-arn", role_arn)
        source = ("--context", "aws:SourceIp=203.0.113.7")
        tags = ("--context", "aws:TagKeys=a", "--context=aws:TagKeys=b=c")
        self.assertEqual(
            self.decide(policy, *role, *source, *tags, caller=SESSION)[0], 0
        )
        self.assertEqual(self.decide(policy, *role, *tags, caller=SESSION)[0], 1)
        self.assertEqual(self.decide(policy, *source, *tags, caller=SESSION)[0], 3)
        out = self.decide(policy, *role, *tags, caller=SESSION)[1]
        self.assertIn('  Condition: IpAddress of "aws:SourceIp" does not hold\n', out)
        self.assertIn("ForAllValues:StringEquals", out)

    def test_what_is_unknown_leaves_the_decision_open(self):
        vpc = {"StringEquals": {"aws:SourceVpc": "v"}}
        policy = self.write(statement(), statement(Effect="Deny", Condition=vpc))
        self.assertEqual(self.decide(policy)[0], 0)
        status, out, _ = self.decide(policy, "--unknown", "AWS:SourceVpc")
        self.assertEqual(
            (status, out),
            (
                3,
                "undecided: the policy says undecided, the identity policies "
                "implicit_deny\n"
                "facts that are unknown would change the decision\n"
                "statement 1, Deny, may apply\n"
                '  Principal: "*" matches\n'
                '  Action: "glue:Get*" matches\n'
                f'  Resource: "{CATALOG}*" matches\n'
                '  Condition: StringEquals of "aws:SourceVpc" may hold\n',
            ),
        )
        status, out, _ = self.decide(
            policy, "--unknown=aws:SourceVpc", "--unknown=k:x", "--format=json"
        )
        answer = json.loads(out)
        self.assertEqual((status, answer["decision"]), (3, "undecided"))
        self.assertIsNone(answer["statements"][0]["applies"])
        self.assertIsNone(answer["statements"][0]["conditions"][0]["matched"])
        # Nothing is open when the identity policies deny anyway.
        status, out, _ = self.decide(
            policy, "--unknown=aws:SourceVpc", "--identity=explicit_deny"
        )
        self.assertEqual((status, out.split(":")[0]), (1, "explicit_deny"))

    def test_unique_ids(self):
        policy = self.write(statement(Principal={"AWS": "AIDAABCDEFGHIJKLMNOP"}))
        self.assertEqual(self.decide(policy)[0], 3)
        for unique_id, status in (
            ("AIDAABCDEFGHIJKLMNOP", 0),
            ("AIDAABCDEFGHIJKLMNOQ", 1),
        ):
            self.assertEqual(
                self.decide(policy, "--unique-id", unique_id)[0], status
            )

    def test_what_contradicts_the_caller_is_refused(self):
        decide = (
            "decide", "--policy", GOOD, "--account=123456789012", "--region=us-east-1",
            "--action=glue:GetTable", f"--resource={CATALOG}catalog",
        )
        iam = "arn:aws:iam::123456789012"
        for caller, role in (
            (SESSION, iam + ":role/team/writer"),
            (SESSION, "arn:aws:iam::210987654321:role/reader"),
            (SESSION, "arn:aws-cn:iam::123456789012:role/reader"),
            (ALICE, iam + ":role/reader"),
            (iam + ":role/reader", iam + ":role/reader"),
        ):
            self.refused(
                f'--role-arn "{role}" is not the role of a session "{caller}"',
                *decide, "--caller", caller, "--role-arn", role,
            )
        user, role = "AIDAABCDEFGHIJKLMNOP", "AROAABCDEFGHIJKLMNOP"
        for caller, unique_id in (
            (SESSION, user), (ALICE, role), (iam + ":root", user), (iam + ":root", role),
            ("arn:aws:sts::123456789012:federated-user/bob", user),
        ):
            kind = "user" if unique_id == user else "role"
            self.refused(
                f'--unique-id "{unique_id}" is that of a {kind}, and "{caller}" is none',
                *decide, "--caller", caller, "--unique-id", unique_id,
            )
        self.refused(
            f'--role-arn "{iam}:role/reader" is not the role of a session ""',
            "check", GOOD, "--role-arn", iam + ":role/reader",
        )

    def test_a_catalog_that_cannot_be_is_found(self):
        for name in ("us-east-1:12345678901", "us-east-1:1234567890123", "us east:123456789012"):
            resource = f"arn:aws:glue:{name}:catalog"
            policy = self.write(statement(Resource=resource))
            status, out, _ = run("check", policy)
            self.assertEqual(status, 1, name)
            self.assertIn("INVALID_ARN_", out)
        self.refused('--account must be 12 digits, not "1"', "check", GOOD, "--account=1")
        self.refused('--region must be like us-east-1, not "a b"', "check", GOOD, "--region=a b")

    def test_an_account_only_delegates(self):
        policy = self.write(statement(Principal={"AWS": "123456789012"}))
        self.assertEqual(self.decide(policy)[0], 1)
        self.assertEqual(self.decide(policy, "--identity=allow")[0], 0)
        out = self.decide(policy, "--identity=allow", "--format=json")[1]
        self.assertEqual(json.loads(out)["statements"][0]["named_as"], "account")

    def test_what_is_no_policy_is_bad_input(self):
        status, out, err = self.decide(BAD)
        self.assertEqual((status, out), (2, ""))
        self.assertIn("[INVALID_EFFECT]", err)
        status, out, err = self.decide(BAD, "--format=json")
        self.assertEqual((status, out), (2, ""))
        self.assertEqual(json.loads(err)["file"], BAD)
        # The rules of Glue can be skipped.
        elsewhere = self.write(statement(Resource="*"))
        self.assertEqual(self.decide(elsewhere)[0], 2)
        self.assertEqual(self.decide(elsewhere, "--level", "grammar")[0], 0)
        # The lock-out is not checked: a caller who makes a request may be
        # denied everything.
        self.assertEqual(
            self.decide(self.write(statement(Effect="Deny", Action="*")))[0], 1
        )


class Print(GluePolicyTest):
    def test_each_style(self):
        path = self.folder / "policy.json"
        text = '{ "a":\t[1.0,\n {}, "\\u00e9\\/"] }\n'
        path.write_text(text)
        service = '{\n  "a" : [ 1.0, { }, "é/" ]\n}'
        compact = '{"a":[1.0,{},"é/"]}'
        for flags, out in (
            ((), service + "\n"),
            (("--style=service",), service + "\n"),
            (("--style", "compact"), compact + "\n"),
            (("--style", "verbatim"), text),
        ):
            self.assertEqual(run("print", str(path), *flags), (0, out, ""))
        for style, printed in (
            ("service", service),
            ("compact", compact),
            ("verbatim", text),
        ):
            status, out, err = run(
                "print", str(path), "--style", style, "--format=json"
            )
            self.assertEqual((status, err), (0, ""))
            self.assertEqual(
                json.loads(out), {"file": str(path), "text": printed}
            )

    def test_what_is_not_json_is_bad_input(self):
        path = self.folder / "text"
        path.write_text("{")
        status, out, err = run("print", str(path))
        self.assertEqual((status, out), (2, ""))
        self.assertTrue(err.startswith(f"{path}:1:"), err)
        self.assertIn("[JSON_SYNTAX_ERROR]", err)
        err = run("print", str(path), "--format=json")[2]
        self.assertEqual(json.loads(err)["findings"][0]["code"], "JSON_SYNTAX_ERROR")


class Flags(GluePolicyTest):
    def test_help(self):
        for arguments in (("--help",), ("check", "--help"), ("decide", "x", "--help")):
            status, out, err = run(*arguments)
            self.assertEqual((status, err), (0, ""))
            self.assertTrue(out.startswith("Usage: glue-policy COMMAND"))
            for flag in (
                "--policy --account --region --caller --action --resource --context "
                "--identity --unknown --role-arn --unique-id --level --werror --style --format"
            ).split():
                self.assertIn(flag, out)

    def test_version(self):
        status, out, err = run("--version")
        self.assertEqual((status, err), (0, ""))
        self.assertRegex(out, r"^glue-policy \d+\.\d+\.\d+\n$")

    def test_what_is_wrong_is_told(self):
        commands = "check, decide or print"
        self.refused(f"a command is missing: {commands}")
        self.refused(f'there is no command "chek": {commands}', "chek", GOOD)
        self.refused(f'there is no command "--level": {commands}', "--level")
        self.refused("check needs a FILE", "check")
        self.refused("check needs a FILE", "check", "--")
        self.refused("print needs a FILE", "print")
        self.refused("print takes one FILE, not 2", "print", GOOD, GOOD)
        self.refused('check has no flag "--colour"', "check", GOOD, "--colour")
        self.refused('check has no flag "--style"', "check", GOOD, "--style=x")
        self.refused('print has no flag "--level"', "print", GOOD, "--level", "x")
        self.refused("--level needs a value", "check", GOOD, "--level")
        self.refused(
            '--level must be json, grammar or glue, not "kGlue"',
            "check", GOOD, "--level", "kGlue",
        )
        self.refused("--level is given twice", "check", GOOD, *["--level=json"] * 2)
        self.refused(
            '--format must be text or json, not "xml"', "check", GOOD, "--format=xml"
        )
        self.refused("--account is empty", "check", GOOD, "--account=")
        self.refused("--account is empty", "check", GOOD, "--account", "")
        self.refused(
            "--caller must be the ARN of a root user, user, role, assumed-role session or "
            'federated user, not "alice"',
            "check", GOOD, "--caller", "alice",
        )
        self.refused(
            '--style must be verbatim, compact or service, not "x?y"',
            "print", GOOD, "--style", "x\x1by",
        )
        long = "a" * 100
        self.refused(
            f'check has no flag "--{long[:58]}..."', "check", GOOD, "--" + long
        )

    def test_decide_needs_to_know_all_of_the_question(self):
        given = {
            "--policy": GOOD,
            "--account": "123456789012",
            "--region": "us-east-1",
            "--caller": ALICE,
            "--action": "glue:GetTable",
            "--resource": CATALOG + "catalog",
        }
        for left_out in given:
            flags = [
                f"{name}={value}" for name, value in given.items() if name != left_out
            ]
            self.refused(f"decide needs {left_out}", "decide", *flags)
        flags = [f"{name}={value}" for name, value in given.items()]
        self.assertEqual(run("decide", *flags)[2], "")
        self.refused(f'decide takes flags only, not "x"', "decide", *flags, "x")
        self.refused(
            '--context must be KEY=VALUE, not "a"', "decide", *flags, "--context", "a"
        )
        self.refused(
            '--context must be KEY=VALUE, not "=a"', "decide", *flags, "--context==a"
        )
        self.refused(
            '--identity must be allow, implicit_deny or explicit_deny, not "deny"',
            "decide", *flags, "--identity=deny",
        )
        self.refused(
            f'--role-arn must be the ARN of a role, not "{ALICE}"',
            "decide", *flags, "--role-arn", ALICE,
        )
        self.refused(
            '--level must be grammar or glue, not "json"',
            "decide", *flags, "--level", "json",
        )

    def test_files_that_cannot_be_read(self):
        missing = str(self.folder / "missing")
        secret = self.folder / "secret"
        secret.write_text("{}")
        secret.chmod(0)
        cases = [
            (missing, "No such file or directory"),
            (str(self.folder), "Is a directory"),
            (GOOD + "/x", "Not a directory"),
            ("/dev/zero", "the file is larger than 16 MiB"),
        ]
        if os.getuid() != 0:
            cases.append((str(secret), "Permission denied"))
        for name, why in cases:
            error = f"{name}: {why}"
            self.refused(error, "check", name)
            self.refused(error, "print", name)
            status, out, err = self.decide(name)
            self.assertEqual((status, out, err), (2, "", f"glue-policy: {error}\n"))

    def test_a_file_may_be_named_like_a_flag(self):
        self.write(statement(), name="--level")
        self.assertEqual(
            run("check", "--", "--level", cwd=self.folder)[:2],
            (0, "--level: no findings\n"),
        )

    def test_output_that_cannot_be_written_is_an_error(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [PROGRAM, "check", GOOD],
                stdout=full,
                stderr=subprocess.PIPE,
                check=False,
            )
        self.assertEqual(
            (done.returncode, done.stderr),
            (2, b"glue-policy: the output cannot be written\n"),
        )


if __name__ == "__main__":
    unittest.main()
