"""The date of the API over the wire: what the server knows on the day before each date of
the service's model, and since then.

Usage: api_date_test.py SERVER
"""

import contextlib
import datetime
import sys
import typing
import unittest

import botocore.exceptions

import harness
from harness import call

SERVER = sys.argv.pop(1)
# The account and the region of unsigned calls.
ACCOUNT = "123456789012"
CATALOG = f"arn:aws:glue:us-east-1:{ACCOUNT}:catalog"
DATABASE = f"arn:aws:glue:us-east-1:{ACCOUNT}:database/x"
POLICY = harness.policy(ACCOUNT)
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
SERVICE_ROLE = "SSE-KMS-WITH-SERVICE-ROLE"
# The exception of a broken constraint.
CONSTRAINT = {
    "documented": "InvalidInputException",
    "observed": "ValidationException",
    "current": "ValidationException",
}
UNSUPPORTED = "InvalidInputException: Glue resource level policy is not currently supported"
NOT_FOUND = "EntityNotFoundException: Policy not found"
ROLE_PATTERN = "^arn:aws(-(cn|us-gov|iso(-[bef])?))?:iam::[0-9]{12}:role/.+"


def wrong(value, path, why):
    """The outcome of a request that breaks one constraint."""
    return (
        f"CONSTRAINT: 1 validation error detected: Value '{value}' at '{path}' failed to "
        f"satisfy constraint: Member must {why}"
    )


def wrong_arn(value, pattern):
    return wrong(value, "resourceArn", f"satisfy regular expression pattern: {pattern}")


def put_policy(**members):
    return {"PolicyInJson": POLICY, **members}


def at_rest(mode, **members):
    return {
        "DataCatalogEncryptionSettings": {
            "EncryptionAtRest": {
                "CatalogEncryptionMode": mode, "SseAwsKmsKeyId": KEY, **members
            }
        }
    }


def configuration(**members):
    return {"Name": "n", "EncryptionConfiguration": members}


def logs(key):
    return configuration(
        CloudWatchEncryption={"CloudWatchEncryptionMode": "DISABLED", "KmsKeyArn": key}
    )


def quality(**members):
    return configuration(DataQualityEncryption=members)


class Change(typing.NamedTuple):
    """A request whose outcome changes on a date. An outcome is "ok", or an exception and
    its message, where CONSTRAINT is the exception of a broken constraint."""

    date: str
    operation: str
    request: dict
    before: str
    since: str
    # The outcomes with Behavior::Current(), unless they are the same.
    current_before: typing.Optional[str] = None
    current_since: typing.Optional[str] = None
    # The path of what is ignored before the date.
    unknown: typing.Optional[str] = None


CHANGES = (
    Change(
        "2020-07-07", "GetResourcePolicies", {},
        "UnknownOperationException: ", "ok",
    ),
    Change(
        "2020-07-07", "GetResourcePolicies", {"MaxResults": 0},
        "UnknownOperationException: ",
        wrong("0", "maxResults", "have value greater than or equal to 1"),
    ),
    Change(
        "2020-07-07", "PutResourcePolicy", put_policy(EnableHybrid="MAYBE"),
        "ok", wrong("MAYBE", "enableHybrid", "satisfy enum value set: [TRUE, FALSE]"),
        unknown="EnableHybrid",
    ),
    # The recorded behavior knows a ResourceArn at every date.
    Change(
        "2020-07-07", "PutResourcePolicy", put_policy(ResourceArn=DATABASE),
        "ok", UNSUPPORTED, current_before=UNSUPPORTED,
        unknown="ResourceArn",
    ),
    Change(
        "2020-07-07", "PutResourcePolicy", put_policy(ResourceArn=CATALOG),
        "ok", "ok", current_before=UNSUPPORTED, current_since=UNSUPPORTED,
        unknown="ResourceArn",
    ),
    Change(
        "2020-07-07", "GetResourcePolicy", {"ResourceArn": DATABASE},
        NOT_FOUND, NOT_FOUND,
        unknown="ResourceArn",
    ),
    Change(
        "2020-07-07", "GetResourcePolicy", {"ResourceArn": "x"},
        NOT_FOUND, wrong_arn("x", "arn:aws:glue:.*"),
        current_before=wrong_arn("x", "arn:aws:glue:.*"),
        unknown="ResourceArn",
    ),
    Change(
        "2022-03-18", "GetResourcePolicy",
        {"ResourceArn": DATABASE.replace("aws", "aws-cn")},
        wrong_arn(DATABASE.replace("aws", "aws-cn"), "arn:aws:glue:.*"), NOT_FOUND,
    ),
    Change(
        "2022-03-18", "PutResourcePolicy",
        {"PolicyInJson": harness.policy_without_blanks(10241)},
        "CONSTRAINT: 1 validation error detected: ",
        "InvalidInputException: the policy document has 10241 bytes, more than the limit of "
        "10240",
    ),
    # The exceptions have FromFederationSource, which the server never sends.
    Change("2023-04-03", "GetResourcePolicy", {}, NOT_FOUND, NOT_FOUND),
    Change(
        "2024-02-05", "PutDataCatalogEncryptionSettings",
        at_rest(SERVICE_ROLE, CatalogEncryptionServiceRole=ROLE),
        wrong(
            SERVICE_ROLE,
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
            "satisfy enum value set: [DISABLED, SSE-KMS]",
        ),
        "ok",
        unknown="dataCatalogEncryptionSettings.encryptionAtRest.CatalogEncryptionServiceRole",
    ),
    Change(
        "2024-02-05", "PutDataCatalogEncryptionSettings", at_rest("NONE"),
        wrong(
            "NONE",
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
            "satisfy enum value set: [DISABLED, SSE-KMS]",
        ),
        wrong(
            "NONE",
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
            f"satisfy enum value set: [DISABLED, SSE-KMS, {SERVICE_ROLE}]",
        ),
    ),
    Change(
        "2024-02-05", "PutDataCatalogEncryptionSettings", at_rest(SERVICE_ROLE),
        wrong(
            SERVICE_ROLE,
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode",
            "satisfy enum value set: [DISABLED, SSE-KMS]",
        ),
        "ok",
        current_since="InvalidInputException: catalogEncryptionServiceRole must be given for "
                      "catalogEncryptionMode SSE-KMS-WITH-SERVICE-ROLE",
    ),
    Change(
        "2024-02-05", "PutDataCatalogEncryptionSettings",
        at_rest("SSE-KMS", CatalogEncryptionServiceRole="r"),
        "ok",
        wrong(
            "r",
            "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionServiceRole",
            f"satisfy regular expression pattern: {ROLE_PATTERN}",
        ),
        unknown="dataCatalogEncryptionSettings.encryptionAtRest.CatalogEncryptionServiceRole",
    ),
    Change(
        "2024-12-03", "GetResourcePolicy",
        {"ResourceArn": DATABASE.replace("aws", "aws-iso-f")},
        wrong_arn(
            DATABASE.replace("aws", "aws-iso-f"), "arn:(aws|aws-us-gov|aws-cn):glue:.*"
        ),
        NOT_FOUND,
    ),
    Change(
        "2024-12-03", "DeleteResourcePolicy", {"ResourceArn": "x"},
        wrong_arn("x", "arn:(aws|aws-us-gov|aws-cn):glue:.*"),
        wrong_arn("x", "arn:aws(-(cn|us-gov|iso(-[bef])?))?:glue:.*"),
    ),
    Change(
        "2024-12-12", "CreateSecurityConfiguration",
        quality(DataQualityEncryptionMode="SSE-KMS", KmsKeyArn=KEY),
        "ok", "ok",
        unknown="encryptionConfiguration.DataQualityEncryption",
    ),
    Change(
        "2024-12-12", "CreateSecurityConfiguration",
        quality(DataQualityEncryptionMode="SSE-S3"),
        "ok",
        wrong(
            "SSE-S3",
            "encryptionConfiguration.dataQualityEncryption.dataQualityEncryptionMode",
            "satisfy enum value set: [DISABLED, SSE-KMS]",
        ),
        unknown="encryptionConfiguration.DataQualityEncryption",
    ),
    Change(
        "2024-12-12", "CreateSecurityConfiguration",
        quality(DataQualityEncryptionMode="SSE-KMS"),
        "ok", "ok",
        current_since="InvalidInputException: kmsKeyArn must be given for "
                      "dataQualityEncryptionMode SSE-KMS",
        unknown="encryptionConfiguration.DataQualityEncryption",
    ),
    # The recorded behavior has the newer pattern at every date.
    *(
        Change(
            "2025-12-01", "CreateSecurityConfiguration", logs(key),
            wrong(
                key, "encryptionConfiguration.cloudWatchEncryption.kmsKeyArn",
                "satisfy regular expression pattern: arn:aws:kms:.*",
            ),
            "ok", current_before="ok",
        )
        for key in ("", KEY.replace("aws", "aws-cn"), KEY.replace("aws", "aws-eusc"))
    ),
    Change(
        "2025-12-01", "CreateSecurityConfiguration", logs("k"),
        wrong(
            "k", "encryptionConfiguration.cloudWatchEncryption.kmsKeyArn",
            "satisfy regular expression pattern: arn:aws:kms:.*",
        ),
        wrong(
            "k", "encryptionConfiguration.cloudWatchEncryption.kmsKeyArn",
            "satisfy regular expression pattern: ^$|arn:aws[a-z0-9-]*:kms:.*",
        ),
        current_before=wrong(
            "k", "encryptionConfiguration.cloudWatchEncryption.kmsKeyArn",
            "satisfy regular expression pattern: ^$|arn:aws[a-z0-9-]*:kms:.*",
        ),
    ),
)
DATES = sorted({change.date for change in CHANGES})


def split_at_value(outcome):
    """Splits the outcome of a broken constraint before and after the quoted value."""
    before, _, rest = outcome.partition("Value '")
    value, _, after = rest.partition("' at '")
    return before, value, after


def day_before(date):
    return str(datetime.date.fromisoformat(date) - datetime.timedelta(days=1))


def serve(behavior, date, *flags):
    return harness.Server(SERVER, f"--behavior={behavior}", f"--api-date={date}", *flags)


class ChangesTest(unittest.TestCase):
    """Each change, on the day before its date and on the date."""

    def outcome(self, server, change):
        server.control("POST", "/reset")
        status, answer = call(server, change.operation, **change.request)
        if status == 200:
            return "ok"
        self.assertEqual(status, 400)
        # No member of a later model is sent.
        self.assertLessEqual(set(answer), {"__type", "Message"})
        return f"{answer['__type']}: {answer.get('Message', '')}"

    def assertOutcome(self, behavior, outcome, expected):
        expected = expected.replace("CONSTRAINT", CONSTRAINT[behavior])
        if expected.endswith("detected: "):
            # Messages with a whole policy are long.
            self.assertTrue(outcome.startswith(expected), outcome)
        elif behavior == "documented" and "' at '" in expected:
            # It quotes the first 64 characters of a value.
            before, value, after = split_at_value(expected)
            self.assertEqual(split_at_value(outcome), (before, value[:64], after))
        else:
            self.assertEqual(outcome, expected)

    def test_each_date(self):
        for behavior in ("documented", "current"):
            for date in DATES:
                for day in (day_before(date), date):
                    with serve(behavior, day) as server:
                        for change in CHANGES:
                            if change.date == date:
                                self.check(server, behavior, day, change)

    def check(self, server, behavior, day, change):
        before = day < change.date
        expected = change.before if before else change.since
        if behavior == "current":
            other = change.current_before if before else change.current_since
            expected = expected if other is None else other
        with self.subTest(behavior=behavior, day=day, request=(change.operation, change.request)):
            self.assertOutcome(behavior, self.outcome(server, change), expected)

    def test_what_is_unknown_is_named_by_a_strict_server(self):
        for date in DATES:
            changes = [c for c in CHANGES if c.date == date and c.unknown is not None]
            for day in (day_before(date), date):
                with serve("documented", day, "--strict") as server:
                    for change in changes:
                        with self.subTest(day=day, request=change.request):
                            outcome = self.outcome(server, change)
                            expected = f"SerializationException: Unknown member '{change.unknown}'"
                            if day < date:
                                self.assertEqual(outcome, expected)
                            else:
                                self.assertOutcome("documented", outcome, change.since)

    def test_what_is_ignored_does_not_come_back(self):
        def kept(server):
            server.control("POST", "/reset")
            request = quality(DataQualityEncryptionMode="SSE-KMS", KmsKeyArn=KEY)
            call(server, "CreateSecurityConfiguration", **request)
            got = call(server, "GetSecurityConfiguration", Name="n")[1]["SecurityConfiguration"]
            listed = call(server, "GetSecurityConfigurations")[1]["SecurityConfigurations"]
            self.assertEqual(listed, [got])
            mode = SERVICE_ROLE if day >= "2024-02-05" else "SSE-KMS"
            request = at_rest(mode, CatalogEncryptionServiceRole=ROLE)
            call(server, "PutDataCatalogEncryptionSettings", **request)
            settings = call(server, "GetDataCatalogEncryptionSettings")[1]
            settings = settings["DataCatalogEncryptionSettings"]["EncryptionAtRest"]
            self.assertEqual(settings["CatalogEncryptionMode"], mode)
            return (
                settings.get("CatalogEncryptionServiceRole"),
                got["EncryptionConfiguration"],
            )

        whole = quality(DataQualityEncryptionMode="SSE-KMS", KmsKeyArn=KEY)
        whole = whole["EncryptionConfiguration"]
        for behavior in ("documented", "current"):
            for day, expected in (
                ("2019-09-12", (None, {})),
                ("2024-02-04", (None, {})),
                ("2024-02-05", (ROLE, {})),
                ("2024-12-11", (ROLE, {})),
                ("2024-12-12", (ROLE, whole)),
                ("2025-12-01", (ROLE, whole)),
            ):
                with self.subTest(behavior=behavior, day=day), serve(behavior, day) as server:
                    self.assertEqual(kept(server), expected)

    def test_a_service_role_has_the_default_key(self):
        """Only the recorded behavior shows the key that nobody gave."""
        request = at_rest(SERVICE_ROLE, CatalogEncryptionServiceRole=ROLE)
        given = request["DataCatalogEncryptionSettings"]["EncryptionAtRest"]
        del given["SseAwsKmsKeyId"]
        for behavior, key in (("documented", None), ("current", "alias/aws/glue")):
            with serve(behavior, "2025-12-01") as server:
                call(server, "PutDataCatalogEncryptionSettings", **request)
                got = call(server, "GetDataCatalogEncryptionSettings")[1]
                got = got["DataCatalogEncryptionSettings"]["EncryptionAtRest"]
                self.assertEqual(got.get("SseAwsKmsKeyId"), key)


class Boto3Test(unittest.TestCase):
    """Calls by boto3, whose model is of 2022."""

    @contextlib.contextmanager
    def client(self, *flags):
        """A client of a server with these flags."""
        with harness.Server(SERVER, *flags) as server:
            glue = harness.client(server, ACCOUNT)
            try:
                yield glue
            finally:
                # A server waits for open connections before it ends.
                glue.close()

    def outcome(self, function, **request):
        try:
            function(**request)
        except botocore.exceptions.ClientError as error:
            return "{Code}: {Message}".format(**error.response["Error"])
        return "ok"

    def test_a_delete_that_names_a_resource_never_deletes_the_policy_of_the_catalog(self):
        """But for the contract to the letter, which does not have the member."""
        unknown = "SerializationException: Unknown member 'ResourceArn'"
        for flags, of_database, of_catalog in (
            ((), UNSUPPORTED, UNSUPPORTED),
            (("--behavior=observed",), UNSUPPORTED, UNSUPPORTED),
            (("--behavior=observed", "--strict"), UNSUPPORTED, UNSUPPORTED),
            (("--api-date=2019-09-12", "--strict"), UNSUPPORTED, UNSUPPORTED),
            (("--behavior=documented", "--api-date=2020-07-07"), UNSUPPORTED, "ok"),
            (("--behavior=documented", "--api-date=2025-12-01"), UNSUPPORTED, "ok"),
            (("--behavior=documented", "--strict"), unknown, unknown),
            (("--behavior=documented",), "ok", "ok"),
        ):
            with self.subTest(flags=flags), self.client(*flags) as glue:
                for arn, expected in ((DATABASE, of_database), (CATALOG, of_catalog)):
                    put = glue.put_resource_policy(PolicyInJson=POLICY)["PolicyHash"]
                    outcome = self.outcome(glue.delete_resource_policy, ResourceArn=arn)
                    self.assertEqual(outcome, expected)
                    if expected == "ok":
                        outcome = self.outcome(glue.get_resource_policy)
                        self.assertEqual(outcome, NOT_FOUND)
                    else:
                        self.assertEqual(glue.get_resource_policy()["PolicyHash"], put)

    def test_the_policy_of_a_resource(self):
        for flags, of_database in (
            ((), NOT_FOUND),
            (("--behavior=observed",), NOT_FOUND),
            (("--behavior=documented", "--api-date=2020-07-07"), NOT_FOUND),
            (("--behavior=documented",), "ok"),
        ):
            with self.subTest(flags=flags), self.client(*flags) as glue:
                glue.put_resource_policy(PolicyInJson=POLICY)
                outcome = self.outcome(glue.get_resource_policy, ResourceArn=DATABASE)
                self.assertEqual(outcome, of_database)
                self.assertEqual(self.outcome(glue.get_resource_policy, ResourceArn=CATALOG), "ok")

    def test_a_put_with_the_newer_members(self):
        for flags, with_arn in (
            ((), UNSUPPORTED),
            (("--behavior=observed",), UNSUPPORTED),
            (("--behavior=documented", "--api-date=2020-07-07"), UNSUPPORTED),
            (("--behavior=documented",), "ok"),
        ):
            with self.subTest(flags=flags), self.client(*flags) as glue:
                put = glue.put_resource_policy
                outcome = self.outcome(put, PolicyInJson=POLICY, ResourceArn=DATABASE)
                self.assertEqual(outcome, with_arn)
                for hybrid in ("TRUE", "FALSE"):
                    outcome = self.outcome(put, PolicyInJson=POLICY, EnableHybrid=hybrid)
                    self.assertEqual(outcome, "ok")

    def test_the_list_of_policies(self):
        for behavior, token in (("documented", None), ("observed", ""), ("current", "")):
            flags = ("--behavior=" + behavior, "--strict")
            with self.client(*flags, "--api-date=2020-07-07") as glue:
                for exists in (False, True):
                    got = glue.get_resource_policies()
                    self.assertEqual(got.get("NextToken"), token)
                    if exists:
                        policy = glue.get_resource_policy()
                        del policy["ResponseMetadata"]
                        self.assertEqual(got["GetResourcePoliciesResponseList"], [policy])
                    else:
                        self.assertEqual(got["GetResourcePoliciesResponseList"], [])
                        glue.put_resource_policy(PolicyInJson=POLICY)
                # The bound of 200 was recorded for security configurations only.
                for number in (1, 200, 1000):
                    got = glue.get_resource_policies(MaxResults=number)
                    self.assertEqual(len(got["GetResourcePoliciesResponseList"]), 1)
                    paginator = glue.get_paginator("get_resource_policies")
                    pages = paginator.paginate(PaginationConfig={"PageSize": number})
                    self.assertEqual(
                        pages.build_full_result()["GetResourcePoliciesResponseList"],
                        got["GetResourcePoliciesResponseList"],
                    )
                self.assertTrue(
                    self.outcome(glue.get_resource_policies, MaxResults=1001).startswith(
                        CONSTRAINT[behavior] + ": "
                    )
                )
                self.assertTrue(
                    self.outcome(glue.get_resource_policies, NextToken="made up").startswith(
                        "InvalidInputException: "
                    )
                )
            with self.client(*flags, "--api-date=2020-07-06") as glue:
                self.assertTrue(
                    self.outcome(glue.get_resource_policies).startswith(
                        "UnknownOperationException: "
                    )
                )
                pages = glue.get_paginator("get_resource_policies").paginate()
                self.assertTrue(
                    self.outcome(pages.build_full_result).startswith(
                        "UnknownOperationException: "
                    )
                )

    def test_the_snippet_of_the_documents(self):
        with harness.Server(SERVER, "--behavior=documented", "--strict") as server:
            exec(harness.snippet("api_date_test.py", server), {})


class StrictTest(unittest.TestCase):
    def test_only_what_no_model_has_is_unknown_to_the_newest(self):
        with harness.Server(SERVER, "--strict") as server:
            for operation, request, path in (
                ("GetResourcePolicies", {"Nothing": None}, "Nothing"),
                ("GetResourcePolicies", {"maxResults": 1}, "maxResults"),
                (
                    "CreateSecurityConfiguration",
                    quality(DataQualityEncryptionMode="DISABLED", Mode=1),
                    "encryptionConfiguration.dataQualityEncryption.Mode",
                ),
                (
                    "CreateSecurityConfiguration",
                    configuration(S3Encryption=[{}, {"Mode": 1}]),
                    "encryptionConfiguration.s3Encryption.2.member.Mode",
                ),
            ):
                self.assertEqual(
                    call(server, operation, **request),
                    (
                        400,
                        {
                            "__type": "SerializationException",
                            "Message": f"Unknown member '{path}'",
                        },
                    ),
                )
            # The operation is looked up first.
            status, answer = call(server, "GetNothing", Nothing=1)
            self.assertEqual(answer["__type"], "UnknownOperationException")
            for change in CHANGES:
                status, answer = call(server, change.operation, **change.request)
                self.assertNotEqual(answer.get("__type"), "SerializationException")


if __name__ == "__main__":
    unittest.main()
