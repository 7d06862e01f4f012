"""boto3, unmodified, and connections: the six operations in each behavior of the server,
bounds, pages, what the encryption settings do, dates, access.

Usage: connection_test.py SERVER
"""

import datetime
import json
import sys
import tempfile
import unittest

import botocore.exceptions
import botocore.loaders
import botocore.model

import harness

SERVER = sys.argv.pop(1)
ACCOUNT = "111122223333"
OPERATIONS = (
    "CreateConnection",
    "GetConnection",
    "GetConnections",
    "UpdateConnection",
    "DeleteConnection",
    "BatchDeleteConnection",
)
PASSWORD = "correct horse battery staple"
INPUT = {
    "Name": "\u00fcn\u00efcode \U0001f600 \"quoted\" \\ / \t",
    "Description": "the\r\nshop",
    "ConnectionType": "JDBC",
    "MatchCriteria": ["b", "a", "b"],
    "ConnectionProperties": {
        "JDBC_CONNECTION_URL": "jdbc:postgresql://db:5432/orders",
        "USERNAME": "b\u00f6b",
        "PASSWORD": PASSWORD,
        "JDBC_ENFORCE_SSL": "",
    },
    "PhysicalConnectionRequirements": {
        "SubnetId": "subnet-1",
        "SecurityGroupIdList": ["sg-2", "sg-1"],
        "AvailabilityZone": "us-east-1a",
    },
}
# The fewest members that a connection may have.
LEAST = {"Name": "n", "ConnectionType": "JDBC", "ConnectionProperties": {}}
ALL_TYPES = ["JDBC", "SFTP", "MONGODB", "KAFKA", "NETWORK", "MARKETPLACE", "CUSTOM"]
SEALED = {"CatalogEncryptionMode": "SSE-KMS"}
OPEN = {"CatalogEncryptionMode": "DISABLED"}
# Messages have the id of the request to the key service.
REFUSED_BY_KEYS = (
    r"^Alias arn:aws:kms:us-east-1:111122223333:alias/none is not found\. \(Service: "
    r"AWSKMS; Status Code: 400; Error Code: NotFoundException; Request ID: "
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}; Proxy: null\)$"
)


def connection(name="n", **members):
    return {**LEAST, "Name": name, **members}


def without(mapping, *keys):
    return {key: value for key, value in mapping.items() if key not in keys}


class ServedTest:
    """A test case with a server, which has FLAGS, and a client of it."""

    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        cls.server = harness.Server(SERVER, *cls.FLAGS)
        cls.glue = harness.client(cls.server)
        # Sends what its model does not allow.
        cls.loose = harness.client(cls.server, parameter_validation=False)

    @classmethod
    def tearDownClass(cls):
        assert cls.server.stop() == 0

    def setUp(self):
        self.server.control("POST", "/reset")

    def assertFails(self, error, call, *args, **kwargs):
        with self.assertRaises(botocore.exceptions.ClientError) as raised:
            call(*args, **kwargs)
        self.assertEqual(raised.exception.response["Error"]["Code"], error)
        return raised.exception.response["Error"]["Message"]

    def create(self, *args, **kwargs):
        self.glue.create_connection(ConnectionInput=connection(*args, **kwargs))

    def get(self, name="n", **request):
        return self.glue.get_connection(Name=name, **request)["Connection"]

    def properties(self, name="n", **request):
        return self.get(name, **request)["ConnectionProperties"]

    def names(self, **request):
        return [c["Name"] for c in self.glue.get_connections(**request)["ConnectionList"]]

    def put_settings(self, at_rest=None, encrypted=False, key=None):
        passwords = {"ReturnConnectionPasswordEncrypted": encrypted}
        if key is not None:
            passwords["AwsKmsKeyId"] = key
        self.glue.put_data_catalog_encryption_settings(
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": at_rest or OPEN,
                "ConnectionPasswordEncryption": passwords,
            }
        )


class ConnectionTest(ServedTest):
    """The tests, which each behavior runs with its flags and what it expects."""

    # The exception of a broken constraint.
    CONSTRAINT = "ValidationException"
    # The NextToken of a last page.
    LAST_TOKEN = ""
    # The types that are in force.
    TYPES = ("JDBC", "SFTP")
    # The keys of properties that are in force.
    KEYS = 13
    # The characters of a value that a message quotes at most.
    QUOTED = 256

    def test_a_connection_comes_back_as_it_was_given(self):
        glue = self.glue
        utc = datetime.timezone.utc
        first = datetime.datetime(2019, 9, 1, 0, 0, 0, 123000, utc)
        self.server.control("PUT", "/clock", {"now": "2019-09-01T00:00:00.123Z", "frozen": True})
        answer = glue.create_connection(ConnectionInput=INPUT)
        self.assertEqual(set(answer), {"ResponseMetadata"})
        name = INPUT["Name"]
        got = self.get(name)
        # Without credentials nobody is known.
        shown = {"CreationTime": first, "LastUpdatedTime": first}
        self.assertEqual(got, {**INPUT, **shown})
        self.assertEqual(glue.get_connections()["ConnectionList"], [got])
        message = self.assertFails(
            "AlreadyExistsException", glue.create_connection, ConnectionInput=INPUT
        )
        self.assertRegex(message, r'^connection ".* already exists$')
        self.assertEqual(self.get(name), got)

        self.server.control("POST", "/clock/advance", {"seconds": 1.5})
        replaced = connection(name)
        glue.update_connection(Name=name, ConnectionInput=replaced)
        shown["LastUpdatedTime"] += datetime.timedelta(seconds=1.5)
        self.assertEqual(self.get(name), {**replaced, **shown})

    def test_absent_and_empty_are_two_things(self):
        empty = {"MatchCriteria": [], "Description": "", "PhysicalConnectionRequirements": {}}
        self.create("a", **empty)
        self.create("b", PhysicalConnectionRequirements={"SecurityGroupIdList": []})
        self.create("c")
        a, b, c = self.glue.get_connections()["ConnectionList"]
        for key, value in empty.items():
            self.assertEqual(a[key], value)
            self.assertNotIn(key, c)
        self.assertEqual(b["PhysicalConnectionRequirements"], {"SecurityGroupIdList": []})
        self.assertEqual(c["ConnectionProperties"], {})

    def test_a_hidden_password(self):
        self.glue.create_connection(ConnectionInput=INPUT)
        shown = INPUT["ConnectionProperties"]
        name = INPUT["Name"]
        self.assertEqual(self.properties(name), shown)
        self.assertEqual(self.properties(name, HidePassword=False), shown)
        hidden = without(shown, "PASSWORD")
        self.assertEqual(self.properties(name, HidePassword=True), hidden)
        listed = self.glue.get_connections(HidePassword=True)["ConnectionList"]
        self.assertEqual(listed[0]["ConnectionProperties"], hidden)
        # It is still there.
        self.assertEqual(self.properties(name), shown)

    def test_an_update_replaces_everything(self):
        self.create(Description="d", ConnectionProperties={"HOST": "h", "PASSWORD": PASSWORD})
        update = self.glue.update_connection
        self.assertEqual(
            self.assertFails(
                "InvalidInputException", update, Name="n", ConnectionInput=connection("other")
            ),
            "connectionInput.name must be the name",
        )
        self.assertEqual(
            self.assertFails(
                "EntityNotFoundException",
                update,
                Name="other",
                ConnectionInput=connection("other"),
            ),
            'connection "other" does not exist',
        )
        self.assertEqual(self.properties(), {"HOST": "h", "PASSWORD": PASSWORD})
        update(Name="n", ConnectionInput=connection(ConnectionType="SFTP"))
        got = self.get()
        self.assertEqual(got["ConnectionType"], "SFTP")
        self.assertEqual(got["ConnectionProperties"], {})
        self.assertNotIn("Description", got)
        self.assertGreaterEqual(got["LastUpdatedTime"], got["CreationTime"])

    def test_deletes(self):
        glue = self.glue
        for name in "abcde":
            self.create(name)
        glue.delete_connection(ConnectionName="a")
        for call, request in (
            (glue.delete_connection, {"ConnectionName": "a"}),
            (glue.get_connection, {"Name": "a"}),
        ):
            message = self.assertFails("EntityNotFoundException", call, **request)
            self.assertEqual(message, 'connection "a" does not exist')
        answer = glue.batch_delete_connection(ConnectionNameList=["d", "a", "b", "d", "x y"])
        self.assertEqual(answer["Succeeded"], ["d", "b"])
        self.assertEqual(
            answer["Errors"],
            {
                name: {
                    "ErrorCode": "EntityNotFoundException",
                    "ErrorMessage": f'connection "{name}" does not exist',
                }
                for name in ("a", "x y")
            },
        )
        self.assertEqual(self.names(), ["c", "e"])
        # Neither part of the answer is ever absent.
        for names, succeeded in (([], []), (["c", "e"], ["c", "e"])):
            answer = glue.batch_delete_connection(ConnectionNameList=names)
            self.assertEqual(without(answer, "ResponseMetadata"),
                             {"Succeeded": succeeded, "Errors": {}})
        self.assertEqual(self.names(), [])

    def test_pages(self):
        names = [f"name {i:02}" for i in range(25)]
        for name in reversed(names):
            self.create(name)
        paginator = self.glue.get_paginator("get_connections")
        for size in (1, 7, 25, 1000):
            pages = list(paginator.paginate(PaginationConfig={"PageSize": size}))
            listed = [c["Name"] for page in pages for c in page["ConnectionList"]]
            self.assertEqual(listed, names)
            self.assertEqual(len(pages), -(-25 // size))
        self.assertEqual(pages[-1].get("NextToken"), self.LAST_TOKEN)
        message = self.assertFails(
            "InvalidInputException", self.glue.get_connections, NextToken="made up"
        )
        self.assertEqual(message, "NextToken is not a token of this catalog")
        # A token belongs to its catalog.
        token = self.glue.get_connections(MaxResults=1)["NextToken"]
        self.assertFails(
            "InvalidInputException",
            self.glue.get_connections,
            NextToken=token,
            CatalogId="another",
        )

    def test_the_filter_is_applied_to_a_page(self):
        for i in range(6):
            self.create(
                f"c{i}",
                ConnectionType="JDBC" if i % 2 == 0 else "SFTP",
                MatchCriteria=["all", f"m{i % 3}"],
            )
        for wanted, names in (
            ({}, "012345"),
            ({"ConnectionType": "JDBC"}, "024"),
            ({"ConnectionType": "SFTP", "MatchCriteria": []}, "135"),
            ({"MatchCriteria": ["all"]}, "012345"),
            ({"MatchCriteria": ["m1", "all"]}, "14"),
            ({"MatchCriteria": ["m1"], "ConnectionType": "JDBC"}, "4"),
            ({"MatchCriteria": ["m1", "m2"]}, ""),
            ({"MatchCriteria": ["al"]}, ""),
        ):
            with self.subTest(wanted=wanted):
                expected = ["c" + i for i in names]
                self.assertEqual(self.names(Filter=wanted), expected)
                pages = self.glue.get_paginator("get_connections").paginate(
                    Filter=wanted, PaginationConfig={"PageSize": 2}
                )
                pages = [[c["Name"] for c in page["ConnectionList"]] for page in pages]
                self.assertEqual(len(pages), 3)
                self.assertEqual(sum(pages, []), expected)

    def test_catalogs_do_not_see_each_other(self):
        self.create("mine")
        others = harness.client(self.server, "444455556666")
        self.assertFails("EntityNotFoundException", others.get_connection, Name="mine")
        self.assertEqual(others.get_connections()["ConnectionList"], [])
        # Only a CatalogId reaches the catalog of another account.
        got = others.get_connection(CatalogId=ACCOUNT, Name="mine")["Connection"]
        self.assertEqual(got["Name"], "mine")
        for call, request in (
            (others.create_connection, {"ConnectionInput": connection("theirs")}),
            (
                others.update_connection,
                {"Name": "mine", "ConnectionInput": connection("mine", Description="d")},
            ),
        ):
            call(CatalogId=ACCOUNT, **request)
        self.assertEqual(self.names(), ["mine", "theirs"])
        self.assertEqual(self.get("mine")["Description"], "d")
        others.delete_connection(CatalogId=ACCOUNT, ConnectionName="mine")
        others.batch_delete_connection(CatalogId=ACCOUNT, ConnectionNameList=["theirs"])
        self.assertEqual(self.names(), [])

    def test_wrong_input_is_told_at_once_and_without_values(self):
        secret = "a secret " + "x" * 1016
        message = self.assertFails(
            self.CONSTRAINT,
            self.loose.create_connection,
            ConnectionInput={
                "Name": "n" * 256,
                "ConnectionType": "jdbc",
                "MatchCriteria": ["m"] * 10 + [""],
                "ConnectionProperties": {"PASSWORD": secret, "host": "a secret"},
            },
        )
        fails = "' failed to satisfy constraint: "
        start, *items = message.split("; ")
        self.assertEqual(
            start,
            f"6 validation errors detected: Value '{'n' * self.QUOTED}' at "
            f"'connectionInput.name{fails}Member must have length less than or equal to 255",
        )
        properties = "at 'connectionInput.connectionProperties"
        for item, expected in zip(
            items,
            (
                f"Value 'jdbc' at 'connectionInput.connectionType{fails}Member must satisfy "
                f"enum value set: [{', '.join(self.TYPES)}]",
                f"Value at 'connectionInput.matchCriteria{fails}Member must have length less "
                "than or equal to 10",
                f"Value '' at 'connectionInput.matchCriteria.11.member{fails}Member must have "
                "length greater than or equal to 1",
                f"Value {properties}.PASSWORD.member{fails}Map value must satisfy constraint: "
                "[Member must have length less than or equal to 1024]",
                f"Value 'host' {properties}{fails}Map keys must satisfy constraint: [Member "
                "must satisfy enum value set: [HOST, PORT, ",
            ),
            strict=True,
        ):
            self.assertTrue(item.startswith(expected), item)
        self.assertEqual(items[-1].count(", "), self.KEYS - 1)
        self.assertNotIn("secret", message)

    def test_wrong_types(self):
        for members, words in (
            ({"MatchCriteria": "m"}, "Expected list or null"),
            ({"MatchCriteria": [1]}, "NUMBER_VALUE can not be converted to a String"),
            ({"MatchCriteria": [["m"]]}, "Start of list found where not expected"),
            ({"ConnectionProperties": ["HOST"]}, "Start of list found where not expected"),
            ({"ConnectionProperties": "HOST"}, "Expected null"),
            (
                {"ConnectionProperties": {"PORT": 5432}},
                "NUMBER_VALUE can not be converted to a String",
            ),
            (
                {"ConnectionProperties": {"JDBC_ENFORCE_SSL": True}},
                "TRUE_VALUE can not be converted to a String",
            ),
            ({"PhysicalConnectionRequirements": []}, "Start of list found where not expected"),
        ):
            with self.subTest(members=members):
                status, answer = harness.call(
                    self.server, "CreateConnection", ConnectionInput=connection(**members)
                )
                self.assertEqual(
                    (status, answer),
                    (400, {"__type": "SerializationException", "Message": words}),
                )
        self.assertEqual(self.names(), [])

    def test_passwords_stay_encrypted_while_the_flag_is_true(self):
        given = {"USERNAME": "bob", "PASSWORD": PASSWORD}
        self.create("before", ConnectionProperties=given)
        self.put_settings(encrypted=True)
        self.create("during", ConnectionProperties=given)
        self.create("empty", ConnectionProperties={"PASSWORD": ""})
        self.create("none", ConnectionProperties={"USERNAME": "bob"})
        # A password that was stored before stays as it is.
        self.assertEqual(self.properties("before"), given)
        shown = self.properties("during")
        self.assertEqual(set(shown), {"USERNAME", "ENCRYPTED_PASSWORD"})
        self.assertRegex(shown["ENCRYPTED_PASSWORD"], r"^AQICAH[0-9A-Za-z+/]{100,}={0,2}$")
        self.assertEqual(self.properties("empty"), {"PASSWORD": ""})
        self.assertEqual(self.properties("none"), {"USERNAME": "bob"})
        for name in ("before", "during", "none"):
            self.assertEqual(self.properties(name, HidePassword=True), {"USERNAME": "bob"})
        listed = self.glue.get_connections()["ConnectionList"]
        self.assertEqual(
            {c["Name"]: c["ConnectionProperties"] for c in listed},
            {name: self.properties(name) for name in ("before", "during", "empty", "none")},
        )
        # An answer can be sent again.
        again = connection("during", ConnectionProperties=shown)
        self.glue.update_connection(Name="during", ConnectionInput=again)
        self.assertEqual(self.properties("during"), shown)
        # A key keeps the protection on; readers see the password.
        self.put_settings(key="alias/aws/glue")
        self.create("later", ConnectionProperties=given)
        for name in ("before", "during", "later"):
            self.assertEqual(self.properties(name), given)
            self.assertEqual(self.properties(name, HidePassword=True), {"USERNAME": "bob"})
        self.put_settings(encrypted=True)
        self.assertIn("ENCRYPTED_PASSWORD", self.properties("later"))
        # An update without a password leaves none.
        self.glue.update_connection(Name="later", ConnectionInput=connection("later"))
        self.assertEqual(self.properties("later"), {})

    def test_an_encrypted_password_may_be_longer_than_one_that_is_sent(self):
        self.put_settings(encrypted=True)
        self.create(ConnectionProperties={"PASSWORD": "p" * 1024})
        shown = self.properties()
        self.assertGreater(len(shown["ENCRYPTED_PASSWORD"]), 1024)
        message = self.assertFails(
            self.CONSTRAINT,
            self.glue.update_connection,
            Name="n",
            ConnectionInput=connection(ConnectionProperties=shown),
        )
        self.assertIn("'connectionInput.connectionProperties.ENCRYPTED_PASSWORD.member'", message)

    def test_sealed_connections_look_like_others(self):
        self.put_settings(at_rest=SEALED)
        self.glue.create_connection(ConnectionInput=INPUT)
        self.create("c")
        got = self.get(INPUT["Name"])
        self.assertEqual({key: got[key] for key in INPUT}, INPUT)
        self.assertEqual(
            self.names(Filter={"MatchCriteria": ["a"]}), [INPUT["Name"]]
        )
        # They stay readable, and writable, when nothing is sealed any more.
        self.put_settings()
        self.assertEqual(self.get(INPUT["Name"]), got)
        self.glue.update_connection(Name="c", ConnectionInput=connection("c", Description="d"))
        self.assertEqual(self.get("c")["Description"], "d")
        self.glue.delete_connection(ConnectionName=INPUT["Name"])
        self.assertEqual(self.names(), ["c"])
        # Both parts of the settings.
        self.put_settings(at_rest=SEALED, encrypted=True)
        self.glue.create_connection(ConnectionInput=INPUT)
        self.assertIn("ENCRYPTED_PASSWORD", self.properties(INPUT["Name"]))
        self.put_settings()
        self.assertEqual(self.properties(INPUT["Name"]), INPUT["ConnectionProperties"])

    def test_a_key_that_does_not_exist_refuses(self):
        glue = self.glue
        self.create("n", ConnectionProperties={"HOST": "h"})
        before = self.get()
        with_password = connection(ConnectionProperties={"PASSWORD": PASSWORD})
        for at_rest, key, inputs in (
            (None, "alias/none", [with_password]),
            ({**SEALED, "SseAwsKmsKeyId": "alias/none"}, None, [with_password, LEAST]),
        ):
            self.put_settings(at_rest, encrypted=False, key=key)
            for one in inputs:
                for call, request in (
                    (glue.create_connection, {"ConnectionInput": {**one, "Name": "other"}}),
                    (glue.update_connection, {"Name": "n", "ConnectionInput": one}),
                ):
                    message = self.assertFails("GlueEncryptionException", call, **request)
                    self.assertRegex(message, REFUSED_BY_KEYS)
            # Nothing was changed.
            self.assertEqual(glue.get_connections()["ConnectionList"], [before])
        # No key is asked when none is needed.
        self.put_settings(key="alias/none")
        self.create("without a password")
        glue.delete_connection(ConnectionName="n")
        self.assertFails("EntityNotFoundException", glue.get_connection, Name="n")


class CurrentTest(ConnectionTest, unittest.TestCase):
    """The server's default."""

    TYPES = ALL_TYPES
    KEYS = 30

    def test_the_later_passwords_are_passwords(self):
        pairs = {
            "KAFKA_CLIENT_KEYSTORE_PASSWORD": "ENCRYPTED_KAFKA_CLIENT_KEYSTORE_PASSWORD",
            "KAFKA_CLIENT_KEY_PASSWORD": "ENCRYPTED_KAFKA_CLIENT_KEY_PASSWORD",
            "PASSWORD": "ENCRYPTED_PASSWORD",
        }
        given = {clear: f"the {clear}" for clear in pairs}
        self.put_settings(encrypted=True)
        self.create(ConnectionType="KAFKA", ConnectionProperties=given)
        self.assertEqual(set(self.properties()), set(pairs.values()))
        self.assertEqual(self.properties(HidePassword=True), {})
        self.put_settings()
        self.assertEqual(self.properties(), given)

    def test_tags_are_taken(self):
        self.glue.create_connection(ConnectionInput=LEAST, Tags={"k": "v", "l": ""})
        self.assertNotIn("Tags", self.get())
        message = self.assertFails(
            self.CONSTRAINT,
            self.loose.create_connection,
            ConnectionInput=connection("m"),
            Tags={"": "v", "k": "v" * 257},
        )
        self.assertIn("2 validation errors detected: Value '' at 'tags'", message)
        self.assertIn("at 'tags.k.member'", message)


class ObservedTest(ConnectionTest, unittest.TestCase):
    FLAGS = ("--behavior=observed",)


class DocumentedTest(ConnectionTest, unittest.TestCase):
    FLAGS = ("--behavior=documented",)
    CONSTRAINT = "InvalidInputException"
    LAST_TOKEN = None
    QUOTED = 64


class ModelTest(ServedTest, unittest.TestCase):
    """The bounds are those of the service's own model, which boto3 has."""

    FLAGS = ("--api-date=2022-12-09",)

    def setUp(self):
        super().setUp()
        model = botocore.loaders.Loader().load_service_model("glue", "service-2")
        self.model = botocore.model.ServiceModel(model)
        self.tried = 0

    def legal(self, shape):
        """Returns the least value of a shape."""
        if shape.type_name == "structure":
            return {
                name: self.legal(shape.members[name]) for name in shape.required_members
            }
        if shape.type_name == "string":
            return shape.enum[0] if shape.enum else "n"
        return {"list": [], "map": {}, "integer": 1, "boolean": False}[shape.type_name]

    def bounds(self, shape, path):
        """Yields (value, path that it breaks or None) at the bounds of a shape and beyond
        them."""
        least = shape.metadata.get("min", 0)
        most = shape.metadata.get("max")
        if shape.type_name == "string" and shape.enum:
            for value in shape.enum:
                yield value, None
            yield shape.enum[0].lower(), path
        elif shape.type_name == "string":
            if least > 0:
                yield "x" * least, None
                yield "x" * (least - 1), path
            if most is not None:
                yield "x" * most, None
                yield "x" * (most + 1), path
            if shape.metadata.get("pattern"):
                yield "a\tb", None
                yield "a\0b", path
                # The pattern of descriptions allows new lines.
                yield "a\nb", None if "\\n" in shape.metadata["pattern"] else path
        elif shape.type_name == "integer":
            yield from ((least, None), (least - 1, path), (most, None), (most + 1, path))
        elif shape.type_name == "list":
            yield ["e"] * most, None
            yield ["e"] * (most + 1), path
            for value, broken in self.bounds(shape.member, f"{path}.2.member"):
                yield ["e", value], broken
        elif shape.type_name == "map":
            keys = shape.key.enum or [f"k{i}" for i in range(most)]
            yield {key: "v" for key in keys[:most]}, None
            yield {f"k{i}": "v" for i in range(most + 1)}, path
            for value, broken in self.bounds(shape.key, path):
                yield {value: "v"}, broken
            for value, broken in self.bounds(shape.value, f"{path}.{keys[0]}.member"):
                yield {keys[0]: value}, broken

    def requests(self, shape, path=""):
        """Yields (value of the structure, path that it breaks or None)."""
        for name, member in shape.members.items():
            inner = (path and path + ".") + name[0].lower() + name[1:]
            whole = self.legal(shape)
            if member.type_name == "structure":
                values = self.requests(member, inner)
            else:
                values = self.bounds(member, inner)
            for value, broken in values:
                yield {**whole, name: value}, broken
            if name in shape.required_members:
                del whole[name]
                yield whole, inner

    def test_every_bound_of_every_operation(self):
        for operation in OPERATIONS:
            shape = self.model.operation_model(operation).input_shape
            broken = legal = 0
            for request, path in self.requests(shape):
                status, answer = harness.call(self.server, operation, **request)
                outcome = answer.get("__type", "ok")
                with self.subTest(operation=operation, request=request, path=path):
                    if path is None:
                        legal += 1
                        # The names are those of nothing, or differ.
                        self.assertIn(
                            outcome,
                            ("ok", "AlreadyExistsException", "EntityNotFoundException",
                             "InvalidInputException"),
                        )
                        self.assertNotIn("validation error", answer.get("Message", ""))
                    else:
                        broken += 1
                        self.assertEqual(outcome, "ValidationException")
                        self.assertIn(f" at '{path}' failed to satisfy ", answer["Message"])
            self.assertGreater(broken, 4, operation)
            self.assertGreater(legal, 2, operation)


class DateTest(unittest.TestCase):
    """What came on 2021-07-01, on the day before and on the day."""

    DAYS = ("2021-06-30", "2021-07-01")
    CONSTRAINT = {"documented": "InvalidInputException", "current": "ValidationException"}

    def outcomes(self, behavior, day, *flags):
        """Yields (whether it is the later day, a function that returns an outcome)."""
        flags = (f"--behavior={behavior}", f"--api-date={day}", *flags)
        with harness.Server(SERVER, *flags) as server:

            def outcome(operation, **request):
                server.control("POST", "/reset")
                harness.call(server, "CreateConnection", ConnectionInput=LEAST)
                status, answer = harness.call(server, operation, **request)
                if status == 200:
                    return "ok"
                return f"{answer['__type']}: {answer['Message']}"

            yield day == self.DAYS[1], outcome

    def each(self, *flags):
        for behavior in ("documented", "current"):
            for day in self.DAYS:
                for since, outcome in self.outcomes(behavior, day, *flags):
                    with self.subTest(behavior=behavior, day=day):
                        yield self.CONSTRAINT[behavior], since, outcome

    def test_types_and_keys(self):
        mongodb = connection("m", ConnectionType="MONGODB")
        by_url = connection("m", ConnectionProperties={"CONNECTION_URL": "mongodb://h"})
        for constraint, since, outcome in self.each():
            types = "[JDBC, SFTP]" if not since else f"[{', '.join(ALL_TYPES)}]"
            fails = "' failed to satisfy constraint: "
            of_type = f"connectionType{fails}Member must satisfy enum value set: {types}"
            one = f"{constraint}: 1 validation error detected: Value "
            for operation, request, path in (
                ("CreateConnection", {"ConnectionInput": mongodb}, "connectionInput."),
                (
                    "UpdateConnection",
                    {"Name": "n", "ConnectionInput": {**mongodb, "Name": "n"}},
                    "connectionInput.",
                ),
                ("GetConnections", {"Filter": {"ConnectionType": "MONGODB"}}, "filter."),
            ):
                self.assertEqual(
                    outcome(operation, **request),
                    "ok" if since else f"{one}'MONGODB' at '{path}{of_type}",
                )
                self.assertEqual(
                    outcome(operation, **json.loads(json.dumps(request).replace("MONGODB", "X"))),
                    f"{one}'X' at '{path}{of_type}",
                )
            told = outcome("CreateConnection", ConnectionInput=by_url)
            if since:
                self.assertEqual(told, "ok")
            else:
                self.assertTrue(
                    told.startswith(
                        f"{one}'CONNECTION_URL' at 'connectionInput.connectionProperties"
                        f"{fails}Map keys must satisfy constraint: [Member must satisfy enum "
                        "value set: [HOST, "
                    ),
                    told,
                )
                self.assertTrue(told.endswith(", JDBC_ENFORCE_SSL]]"), told)

    def test_tags(self):
        too_many = {f"k{i}": "v" for i in range(51)}
        for constraint, since, outcome in self.each():
            request = {"ConnectionInput": connection("m")}
            self.assertEqual(outcome("CreateConnection", **request, Tags={"k": "v"}), "ok")
            # Before its date a member is ignored, whatever it holds.
            for tags, told in (
                (
                    too_many,
                    f"{constraint}: 1 validation error detected: Value at 'tags' failed to "
                    "satisfy constraint: Member must have length less than or equal to 50",
                ),
                ("no map", "SerializationException: Expected null"),
            ):
                self.assertEqual(
                    outcome("CreateConnection", **request, Tags=tags), told if since else "ok"
                )

    def test_a_strict_server_names_tags(self):
        for _, since, outcome in self.each("--strict"):
            told = outcome("CreateConnection", ConnectionInput=connection("m"), Tags={"k": "v"})
            self.assertEqual(
                told, "ok" if since else "SerializationException: Unknown member 'Tags'"
            )
            # A member that no model has, within a member.
            told = outcome(
                "CreateConnection",
                ConnectionInput=connection("m", AuthenticationConfiguration={}),
            )
            self.assertEqual(
                told,
                "SerializationException: Unknown member "
                "'connectionInput.AuthenticationConfiguration'",
            )


class AccessTest(ServedTest, unittest.TestCase):
    """Another account, and what the policy of the catalog lets it do."""

    FLAGS = ("--authorize",)
    OTHER = "444455556666"

    def allow(self, actions, *resources):
        arn = f"arn:aws:glue:us-east-1:{ACCOUNT}:"
        self.glue.put_resource_policy(
            PolicyInJson=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": {
                        "Effect": "Allow",
                        "Principal": {"AWS": f"arn:aws:iam::{self.OTHER}:root"},
                        "Action": actions,
                        "Resource": [arn + resource for resource in resources],
                    },
                }
            )
        )

    def test_the_policy_is_asked_about_the_connection_and_the_catalog(self):
        for name in ("a", "b"):
            self.create(name)
        self.assertEqual(self.get("a")["LastUpdatedBy"], "root")
        other = harness.client(self.server, self.OTHER)

        def refused(call, **request):
            """Returns the resource that the denial names."""
            message = self.assertFails("AccessDeniedException", call, CatalogId=ACCOUNT, **request)
            return message.split(" on resource: ")[1].split()[0].split(f":{ACCOUNT}:")[1]

        self.assertEqual(refused(other.get_connection, Name="a"), "catalog")
        self.allow("glue:*Connection*", "connection/a", "catalog")
        other.get_connection(CatalogId=ACCOUNT, Name="a")
        self.assertEqual(refused(other.get_connection, Name="b"), "connection/b")
        # A caller who may not ask is not told what does not exist.
        self.assertEqual(refused(other.get_connection, Name="c"), "connection/c")
        self.assertEqual(refused(other.get_connections), "connection/*")
        self.assertEqual(
            refused(other.batch_delete_connection, ConnectionNameList=["a", "b"]),
            "connection/b",
        )
        self.assertEqual(
            refused(other.create_connection, ConnectionInput=connection("b")), "connection/b"
        )
        self.assertEqual(self.names(), ["a", "b"])
        # The object alone does not suffice, nor does the catalog.
        self.allow("glue:*Connection*", "connection/*")
        self.assertEqual(refused(other.get_connections), "catalog")
        self.allow("glue:*Connection*", "catalog")
        self.assertEqual(refused(other.get_connections), "connection/*")
        self.allow("glue:*Connection*", "connection/*", "catalog")
        listed = other.get_connections(CatalogId=ACCOUNT)["ConnectionList"]
        self.assertEqual([c["Name"] for c in listed], ["a", "b"])
        # Access comes before the constraints, and before what does not exist.
        self.allow("glue:GetConnection", "connection/a", "catalog")
        self.assertEqual(refused(other.delete_connection, ConnectionName="a"), "catalog")
        other.close()


class CallerTest(unittest.TestCase):
    """What a connection tells of who wrote it last."""

    def test_the_end_of_the_arn(self):
        iam, sts = f"arn:aws:iam::{ACCOUNT}:", f"arn:aws:sts::{ACCOUNT}:"
        callers = {
            "AKIDALICE": (iam, "user/alice"),
            "AKIDTEAM": (iam, "user/team/bob"),
            "AKIDROLE": (sts, "assumed-role/writer/session"),
            "AKIDROOT": (iam, "root"),
        }
        with tempfile.NamedTemporaryFile("w") as file:
            for key, (start, end) in callers.items():
                file.write(
                    f"[{key}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"
                    f"principal_arn = {start}{end}\n"
                )
            file.flush()
            flags = ("--credentials=" + file.name, "--account-id=" + ACCOUNT)
            with harness.Server(SERVER, *flags) as server:
                for key, (_, end) in callers.items():
                    glue = harness.client(server, key)
                    if key == "AKIDALICE":
                        glue.create_connection(ConnectionInput=LEAST)
                    else:
                        glue.update_connection(Name="n", ConnectionInput=LEAST)
                    got = glue.get_connection(Name="n")["Connection"]
                    self.assertEqual(got["LastUpdatedBy"], end)
                    glue.close()


if __name__ == "__main__":
    unittest.main()
