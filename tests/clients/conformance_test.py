"""The program glue-conformance: our own server, a mock with known faults, its flags.

Usage: conformance_test.py [CLASS...] SERVER PROGRAM MOCK
"""

import html.parser
import json
import re
import socket
import subprocess
import sys
import unittest

import harness

MOCK = sys.argv.pop()
PROGRAM = sys.argv.pop()
SERVER = sys.argv.pop()

BEHAVIORS = ("documented", "observed", "current")


def run(*flags):
    return subprocess.run([PROGRAM, *flags], capture_output=True, text=True, timeout=600)


def run_json(*flags):
    """Returns the exit status and the report."""
    done = run("--format=json", *flags)
    if done.returncode not in (0, 1):
        raise AssertionError(done.stderr)
    return done.returncode, json.loads(done.stdout)


def failed(report, basis=None):
    """Returns the checks that failed: id -> result."""
    return {
        result["check"]: result
        for result in report["results"]
        if result["verdict"] == "failed" and basis in (None, result["basis"])
    }


class Mock:
    """The mock with known faults."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, MOCK],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *unused):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()


NO_RESET = (
    "--reset PATH is needed, or a --profile that has one; --no-reset if every check may find "
    "what the others left"
)


class FlagsTest(unittest.TestCase):
    def assertRefused(self, message, *flags):
        done = run(*flags)
        self.assertEqual(done.stderr, f"glue-conformance: {message}\n")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")

    def test_help(self):
        done = run("--help")
        self.assertEqual(done.returncode, 0)
        for flag in ("profile", "behavior", "reset", "contract-only", "header", "format"):
            self.assertIn(f"--{flag}", done.stdout)

    def test_what_is_wrong_with_a_flag_is_told(self):
        url = "http://127.0.0.1:1"
        for message, *flags in (
            ("give one URL; --help lists the flags",),
            ("give one URL; --help lists the flags", url, url),
            ('"x" is not http://HOST:PORT', "x", "--reset=/reset"),
            # A mock that is never reset would be accused of what the checks left.
            (NO_RESET, url),
            (NO_RESET, url, "--reset", ""),
            (NO_RESET, url, "--profile=moto", "--reset", ""),
            ("--reset and --no-reset exclude each other", url, "--no-reset", "--reset=/reset"),
            ("--reset and --no-reset exclude each other", url, "--reset=/reset", "--no-reset"),
            ("a reset that takes settings must be a path", url, "--no-reset", "--settings"),
            ("--profile must be glue-security, localstack or moto", url, "--profile=other"),
            ("--behavior must be documented, observed or current", url, "--behavior=2019"),
            ("--policy-checks must be none, json, grammar or glue", url, "--policy-checks=x"),
            ("--reset must be a path that begins with a slash", url, "--reset=reset"),
            ("--reset must be a path that begins with a slash", url, "--reset=/a b"),
            ("--clock must be a path that begins with a slash", url, "--clock=clock"),
            ("a reset that takes settings must be a path", url, "--settings"),
            ("a reset that takes settings must be a path", url, "--profile=glue-security",
             "--reset", ""),
            ("--account must be key, header:NAME or none", url, "--account=header"),
            ("--account must be key, header:NAME or none", url, "--account=header:"),
            ("--header must be NAME:VALUE", url, "--header=x"),
            ("--timeout must be a number from 1 to 3600", url, "--timeout=0"),
            ("--format must be text, json or html", url, "--format=xml"),
            ("--without must be policies, settings, configurations, connections, keys or an "
             "operation", url, "--without=pages"),
            ("--without leaves nothing to judge", url, "--no-reset", "--without=policies",
             "--without=settings", "--without=configurations", "--without=connections"),
            ("--format is given twice", url, "--format=text", "--format=json"),
            ("unrecognised option '--nothing'", url, "--nothing"),
            # Flags cannot be abbreviated.
            ("unrecognised option '--form=json'", url, "--form=json"),
            ('the header "a b" has a name that is not legal', url, "--no-reset",
             "--header=a b:c"),
            ('the header "Host" is one that the client sends itself', url, "--no-reset",
             "--account=header:Host"),
        ):
            with self.subTest(flags=flags):
                self.assertRefused(message, *flags)

    def test_without_a_connection_nothing_is_judged(self):
        with socket.socket() as bound:  # Nobody listens on its port.
            bound.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % bound.getsockname()[1]
            refused = f"cannot connect to {address}: Connection refused"
            self.assertRefused(refused, f"http://{address}", "--no-reset")
            self.assertRefused(
                f"the endpoint is not reset: POST /reset: {refused}",
                f"http://{address}", "--reset=/reset",
            )

    def test_an_endpoint_that_refuses_to_be_reset_is_not_judged(self):
        with harness.Server(SERVER, usual=("--log=off",)) as server:
            self.assertRefused(
                "the endpoint is not reset: POST /_glue_security/reset: HTTP status 404",
                server.url, "--profile=glue-security",
            )

    def test_a_reset_may_need_a_header(self):
        with harness.Server(SERVER, token="secret") as server:
            self.assertRefused(
                "the endpoint is not reset: POST /_glue_security/reset: HTTP status 403",
                server.url, "--profile=glue-security",
            )
            done = run(
                server.url, "--profile=glue-security", "--header=x-glue-security-token: secret"
            )
            self.assertIn(done.returncode, (0, 1))


# The operations that the mock with known faults does not have.
CONNECTIONS = {
    "CreateConnection",
    "GetConnection",
    "GetConnections",
    "UpdateConnection",
    "DeleteConnection",
    "BatchDeleteConnection",
}

class OurServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        # The profile says what the server runs with, not its flags.
        cls.server = harness.Server(SERVER)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def judge(self, behavior, *flags):
        return run_json(
            self.server.url, "--profile=glue-security", f"--behavior={behavior}", *flags
        )

    def test_it_keeps_the_contract_in_every_behavior(self):
        for behavior in ("current",) if harness.SANITIZED else BEHAVIORS:
            with self.subTest(behavior=behavior):
                status, report = self.judge(behavior)
                self.assertEqual(list(failed(report)), [])
                self.assertEqual(status, 0)
                self.assertEqual(report["behavior"], behavior)
                self.assertGreaterEqual(report["judged"], 400)
                self.assertEqual(report["judged"], report["passed"])
                reasons = {reason["reason"]: reason["count"] for reason in report["reasons"]}
                self.assertLessEqual(set(reasons), harness.not_on_the_wire())
                self.assertEqual(report["skipped"], sum(reasons.values()))

    def test_a_level_of_checks_that_is_given_is_the_only_one(self):
        # All other checks run at that level, too.
        status, report = self.judge("documented", "--policy-checks=none")
        self.assertEqual(list(failed(report)), [])
        self.assertEqual(status, 0)
        reasons = {reason["reason"] for reason in report["reasons"]}
        self.assertIn("the backend does not have this level of policy checks", reasons)

    def test_without_settings_its_own_are_judged(self):
        flags = (
            "--reset=/_glue_security/reset", "--clock=/_glue_security/clock", "--messages",
            "--policy-checks=glue",
        )
        with harness.Server(SERVER, "--behavior=documented") as server:
            status, report = run_json(server.url, "--behavior=documented", *flags)
            self.assertEqual(list(failed(report)), [])
            self.assertEqual(status, 0)
            reasons = {reason["reason"] for reason in report["reasons"]}
            self.assertIn("the backend does not honour Limits", reasons)
            # Another behavior than its own is found out.
            status, report = run_json(server.url, "--behavior=observed", *flags)
        self.assertEqual(status, 1)
        self.assertIn("policy.observed_text", list(failed(report)))

    def test_without_accounts_the_checks_of_accounts_are_skipped(self):
        status, report = self.judge("current", "--account=none")
        self.assertEqual(list(failed(report)), [])
        self.assertEqual(status, 0)
        skipped = {
            result["check"]
            for result in report["results"]
            if result.get("reason") == "declared deviation: the endpoint learns no account"
        }
        self.assertEqual(
            skipped,
            {
                "catalogs.accounts.configurations",
                "catalogs.accounts.policy",
                "catalogs.accounts.settings",
                "connection.catalogs.accounts",
                "connection_limit.per_catalog",
                "connections.token.of_other_account",
                "limit.per_account_and_region",
                "pages.token.of_other_account",
                "password.refused.other_reader",
                "password.refused.other_writer",
                "policies.per_catalog",
                "sealed.rights.delete",
                "sealed.rights.list",
                "sealed.rights.read",
                "sealed.rights.update",
                "settings.same_record_for_all_callers",
            },
        )


class Page(html.parser.HTMLParser):
    """The text of a page, its elements, its links, and what it loads."""

    def __init__(self, text):
        super().__init__()
        self.open = []
        self.names = []
        self.loads = []
        self.links = []
        self.said = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.names.append(tag)
        links = self.links if tag == "a" else self.loads
        links += [value for name, value in attributes if name in ("src", "href")]
        if tag not in ("meta", "br", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if self.open.pop() != tag:
            raise AssertionError(f"</{tag}> closes another element")

    def handle_data(self, text):
        self.said.append(text)


# The faults of the mock: what the contract has instead, what the mock answers, and the
# checks that show it.
FAULTS = {
    "no constraint is checked": (
        "InvalidInputException",
        "OK",
        (
            "constraint.PutResourcePolicy.policyInJson.required",
            "constraint.PutResourcePolicy.policyInJson.length_min",
            "constraint.PutResourcePolicy.policyInJson.length_max",
            "constraint.PutResourcePolicy.policyExistsCondition.enum",
            "constraint.PutDataCatalogEncryptionSettings.catalogId.length_max",
            "constraint.CreateSecurityConfiguration.name.required",
            "constraint.CreateSecurityConfiguration.name.pattern",
            "constraint.GetSecurityConfigurations.maxResults.value_min",
            "constraint.GetSecurityConfigurations.maxResults.value_max",
        ),
    ),
    "a name that cannot exist is looked up": (
        "InvalidInputException",
        "EntityNotFoundException",
        (
            "constraint.GetSecurityConfiguration.name.length_max",
            "constraint.DeleteSecurityConfiguration.name.length_max",
            "constraint.DeleteResourcePolicy.policyHashCondition.length_max",
        ),
    ),
    "MUST_EXIST": (
        "",
        "ResourceNumberLimitExceededException",
        ("put.must_exist.no_hash.never_put", "put.must_exist.no_hash.deleted"),
    ),
    "NOT_EXIST": (
        "",
        "ResourceNumberLimitExceededException",
        ("put.not_exist.no_hash.present",),
    ),
    "a wrong hash": (
        "",
        "ConcurrentModificationException",
        (
            "put.no_condition.hash_differs.present",
            "put.none.hash_differs.present",
            "put.must_exist.hash_differs.present",
            "delete.hash_differs.present",
        ),
    ),
    "Get of none": ("EntityNotFoundException", "OK {}", ("policy.none",)),
    "no CreatedTimeStamp": ("", "absent", ("times.configuration_created",)),
    "MaxResults and NextToken are ignored": (
        "",
        "",
        ("pages.every_size.of_2", "pages.every_size.of_5", "pages.every_size.of_8"),
    ),
}
# The causes that the failures by the contract may have.
CAUSES = (
    r"a request that breaks a constraint is not refused for it",
    r"PutResourcePolicy answers with ResourceNumberLimitExceededException, .*",
    r"(Put|Delete)ResourcePolicy: no answer of the API: HTTP status #: "
    r"ConcurrentModificationException: Policy hash condition not met",
    r"GetResourcePolicy: expected EntityNotFoundException, found OK",
    r"CreatedTimeStamp( of GetSecurityConfiguration)? is absent",
    r"not as expected: the number of entries on a page of #",
)


class MockTest(unittest.TestCase):
    """The true faults of a widely used mock are found."""

    @classmethod
    def setUpClass(cls):
        with Mock() as mock:
            flags = (mock.url, "--profile=moto", "--without=connections", "--without=keys")
            cls.status, cls.report = run_json(*flags)
            cls.text = run(*flags).stdout
            cls.html = run(*flags, "--format=html").stdout

    def test_each_fault_is_found(self):
        self.assertEqual(self.status, 1)
        found = failed(self.report, "contract")
        for fault, (expected, actual, checks) in FAULTS.items():
            for check in checks:
                with self.subTest(fault=fault, check=check):
                    self.assertIn(check, list(found))
                    self.assertIn(expected, found[check]["expected"])
                    self.assertIn(actual, found[check]["actual"])

    def test_every_constraint_is_missed(self):
        # Only the checks of legal values pass.
        missed = [c for c in failed(self.report, "contract") if c.startswith("constraint.")]
        self.assertGreaterEqual(len(missed), 55)
        for result in self.report["results"]:
            kind = result["check"].rpartition(".")[2]
            if result["check"].startswith("constraint.") and kind in (
                "required", "length_min", "length_max", "enum", "value_min", "value_max"
            ):
                wanted = "skipped" if result["operation"] in CONNECTIONS else "failed"
                self.assertEqual(result["verdict"], wanted, result["check"])

    def test_no_other_fault_is_found_by_the_contract(self):
        causes = [
            group["difference"]
            for group in self.report["groups"]
            if group["basis"] == "contract"
        ]
        for cause in causes:
            self.assertTrue(any(re.fullmatch(known, cause) for known in CAUSES), cause)
        for known in CAUSES:
            self.assertTrue(any(re.fullmatch(known, cause) for cause in causes), known)
        for check, result in failed(self.report, "contract").items():
            self.assertIn(result["difference"], causes, check)

    def test_a_missing_constraint_is_one_cause(self):
        counts = {group["difference"]: group["count"] for group in self.report["groups"]}
        cause = "a request that breaks a constraint is not refused for it"
        self.assertGreaterEqual(counts[cause], 50)

    def test_a_failure_has_the_calls_that_show_it(self):
        result = failed(self.report)["policy.none"]
        self.assertIn("GetResourcePolicy {}\n  -> OK", result["calls"])
        self.assertIn("X-Amz-Target: AWSGlue.GetResourcePolicy", result["curl"])
        self.assertIn(self.report["url"], result["curl"])
        self.assertIn("'get_resource_policy'", result["boto3"])
        for code in (result["curl"], result["boto3"]):
            self.assertIn("/moto-api/reset", code)
            self.assertIn("x-moto-account-id", code)
        self.assertIn("get_resource_policy", result["cpp"])

    def test_the_code_shows_what_the_report_says(self):
        # The account, in whose catalog the other one finds nothing, is in a header.
        result = failed(self.report, "contract")["put.not_exist.no_hash.present"]
        with Mock() as mock:
            for name, program in (("curl", "sh"), ("boto3", sys.executable)):
                code = result[name].replace(self.report["url"], mock.url)
                done = subprocess.run(
                    [program, "-c", code], capture_output=True, text=True, timeout=60
                )
                self.assertEqual(done.stderr, "")
                with self.subTest(code=code, out=done.stdout):
                    self.assertIn("ResourceNumberLimitExceededException", done.stdout)

    def test_the_groups_hold_every_failure_once(self):
        grouped = [check for group in self.report["groups"] for check in group["checks"]]
        self.assertEqual(sorted(grouped), sorted(failed(self.report)))
        for group in self.report["groups"]:
            self.assertEqual(group["count"], len(group["checks"]))
        self.assertLess(len(self.report["groups"]), len(grouped) // 3)
        bases = [group["basis"] for group in self.report["groups"]]
        order = ("contract", "record", "choice")
        self.assertEqual(bases, sorted(bases, key=order.index))

    def test_the_table_counts_every_check(self):
        rows = self.report["table"]
        for member, expected in (
            ("passed", self.report["passed"]),
            ("skipped", self.report["skipped"]),
        ):
            self.assertEqual(sum(row[member] for row in rows), expected)
        for basis in ("contract", "record", "choice"):
            self.assertEqual(
                sum(row["failed_by_" + basis] for row in rows),
                len(failed(self.report, basis)),
            )

    def test_the_text_begins_and_ends_with_the_counts(self):
        counts = r"\d+ of \d+ checks failed, \d+ skipped"
        self.assertRegex(self.text, rf"\Ahttp://127\.0\.0\.1:\d+: {counts} \(documented\)\n\n")
        self.assertRegex(self.text, rf"\n{counts}\n\Z")
        for check in failed(self.report):
            self.assertIn(f"    {check} (Documented)\n", self.text)

    def test_the_page_needs_nothing_beside_itself(self):
        page = Page(self.html)
        self.assertEqual(page.open, [])
        self.assertEqual(page.loads, [])
        self.assertFalse({"script", "link", "img", "iframe"} & set(page.names))
        self.assertNotRegex(self.html, r"url\(|@import")
        self.assertIn("prefers-color-scheme: dark", self.html)
        said = "".join(page.said)
        for check, result in failed(self.report).items():
            self.assertIn(check, said)
            self.assertIn(result["says"], said)
            self.assertIn(result["source"], said)
            if result["basis"] == "contract" and "docs/" not in result["source"]:
                self.assertIn(result["source"], page.links)
        for link in page.links:
            self.assertRegex(link, r"\Ahttps://[^ ,]+\Z")

    def test_only_the_operations_that_are_there_are_judged(self):
        with Mock() as mock:
            _, report = run_json(
                mock.url, "--profile=moto", "--contract-only", "--without=settings",
                "--without=configurations", "--without=connections",
                "--without=GetResourcePolicies",
            )
        judged = {
            result["operation"]
            for result in report["results"]
            if result["verdict"] != "skipped"
        }
        self.assertEqual(
            judged - {"several"},
            {"PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy"},
        )
        for check in FAULTS["MUST_EXIST"][2]:
            self.assertIn(check, failed(report))
        reasons = {reason["reason"] for reason in report["reasons"]}
        self.assertIn("the backend has no CreateSecurityConfiguration", reasons)

    def test_a_report_says_that_nothing_was_reset(self):
        never = "never reset: a check may find what the others left, and fail for it"
        self.assertTrue(self.report["reset"])
        self.assertNotIn(never, self.text)
        self.assertNotIn(never, self.html)
        with Mock() as mock:
            flags = (mock.url, "--profile=moto", "--no-reset")
            _, report = run_json(*flags)
            text = run(*flags).stdout
            page = run(*flags, "--format=html").stdout
        self.assertFalse(report["reset"])
        self.assertIn(never, text.splitlines()[0])
        self.assertIn(never, page.partition("<table>")[0])
        # A configuration that another check left.
        self.assertLess(len(failed(self.report)), len(failed(report)))

    def test_contract_only_judges_nothing_else(self):
        with Mock() as mock:
            _, report = run_json(mock.url, "--profile=moto", "--contract-only")
        self.assertTrue(report["contract_only"])
        found = failed(report)
        self.assertEqual({result["basis"] for result in found.values()}, {"contract"})
        for _, _, checks in FAULTS.values():
            self.assertLessEqual(set(checks), set(found))
        passed_over = [
            result["basis"]
            for result in report["results"]
            if result.get("reason") == "only the contract is checked"
        ]
        self.assertEqual(set(passed_over), {"choice", "record"})


if __name__ == "__main__":
    unittest.main()
