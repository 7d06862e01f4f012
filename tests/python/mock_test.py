"""The forms of the mock, its control, other mocks beside it, and wrong arguments.

Usage: mock_test.py LIBRARY
"""

import asyncio
import contextlib
import datetime
import inspect
import json
import os
import tempfile
import unittest
from unittest import mock as unittest_mock

import door

import botocore.exceptions
import botocore.session
import botocore.stub

import glue_security
from glue_security import GlueSecurityTestMixin, _hooks, check_policy, decide
CONFIGURATIONS = {"EncryptionConfiguration": {}}
UTC = datetime.timezone.utc


# [python]
import boto3
from glue_security import mock_glue_security

POLICY = """{"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": "210987654321"}, "Action": "glue:Get*",
    "Resource": "arn:aws:glue:us-east-1:123456789012:*"}]}"""


@mock_glue_security
def test_two_writers():
    glue = boto3.client("glue", region_name="us-east-1")
    first = glue.put_resource_policy(PolicyInJson=POLICY)["PolicyHash"]
    glue.put_resource_policy(PolicyInJson=POLICY.replace("Get*", "*"))
    try:
        glue.delete_resource_policy(PolicyHashCondition=first)
    except glue.exceptions.ConditionCheckFailureException:
        print("the policy has changed meanwhile")
    # [python end]
    else:
        raise AssertionError("a stale hash was accepted")


# [python control]
def test_a_lost_answer():
    with mock_glue_security(security_configurations_max=3) as mock:
        glue = boto3.client("glue", region_name="us-east-1")
        mock.clock.freeze("2026-01-31T12:00:00Z")
        mock.faults.add("CreateSecurityConfiguration", fault="lose_answer", count=1)
        try:
            # botocore tries again, after the first attempt was executed.
            glue.create_security_configuration(Name="n", EncryptionConfiguration={})
        except glue.exceptions.AlreadyExistsException:
            pass
        assert [call["operation"] for call in mock.history] == [
            "CreateSecurityConfiguration",
            "CreateSecurityConfiguration",
        ]
# [python control end]


def is_answered(glue):
    """Returns whether a mock answers a client: no other answer is possible here."""
    try:
        glue.get_data_catalog_encryption_settings()
        return True
    except (AssertionError, botocore.exceptions.BotoCoreError):
        return False


def names(glue):
    listed = glue.get_security_configurations()["SecurityConfigurations"]
    return [configuration["Name"] for configuration in listed]


class FormsTest(unittest.TestCase):
    def tearDown(self):
        self.assertEqual(_hooks.active, ())
        self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)

    def test_snippets(self):
        with unittest_mock.patch("builtins.print") as printed:
            test_two_writers()
        printed.assert_called_once()
        test_a_lost_answer()

    def test_no_mock_answers_before_and_after(self):
        self.assertFalse(is_answered(door.client(key="k")))
        with mock_glue_security():
            glue = door.client()
            self.assertTrue(is_answered(glue))
        self.assertFalse(is_answered(glue))

    def test_a_mock_that_is_entered_again_is_empty(self):
        mock = mock_glue_security()
        for _ in range(2):
            with mock:
                door.client().create_security_configuration(Name="n", **CONFIGURATIONS)

    def test_decorated_functions_keep_their_names_arguments_and_results(self):
        @mock_glue_security(page_size_default=2)
        def decorated(first, second=2):
            """A text."""
            return first, second, is_answered(door.client())

        self.assertEqual(decorated(1), (1, 2, True))
        self.assertEqual((decorated.__name__, decorated.__doc__), ("decorated", "A text."))
        self.assertEqual(list(inspect.signature(decorated).parameters), ["first", "second"])

    def test_a_decorated_function_that_raises(self):
        @mock_glue_security
        def decorated():
            raise KeyError("k")

        self.assertRaises(KeyError, decorated)

    def test_decorated_coroutines_are_coroutines(self):
        @mock_glue_security
        async def decorated():
            glue = door.client()
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(None, is_answered, glue)

        self.assertTrue(inspect.iscoroutinefunction(decorated))
        self.assertTrue(asyncio.run(decorated()))

    def test_a_decorated_function_that_returns_an_awaitable_is_an_error(self):
        """Its mock would have ended before the first call."""

        async def call():
            return is_answered(door.client())

        decorated = mock_glue_security(lambda: call())
        with self.assertRaisesRegex(TypeError, "lambda.* returns an awaitable"):
            decorated()
        self.assertEqual(_hooks.active, ())

    def test_coroutines_overlap(self):
        """The second mock starts before the first ends, and ends after it."""

        async def scene():
            ended = asyncio.Event()
            started = asyncio.Event()

            async def first():
                with mock_glue_security() as mock:
                    await started.wait()
                    self.assertEqual(mock.history, [])
                ended.set()

            async def second():
                with mock_glue_security() as mock:
                    started.set()
                    await ended.wait()
                    self.assertTrue(is_answered(door.client()))
                    self.assertEqual(len(mock.history), 1)

            await asyncio.gather(first(), second())

        asyncio.run(scene())

    def test_decorated_generators(self):
        @mock_glue_security
        def decorated():
            yield is_answered(door.client())
            yield is_answered(door.client())

        self.assertEqual(list(decorated()), [True, True])
        with self.assertRaises(TypeError):

            @mock_glue_security
            async def refused():
                yield

    def test_decorated_classes_have_a_fresh_mock_for_each_test(self):
        @mock_glue_security
        class Tests:
            def test_one(self):
                door.client().create_security_configuration(Name="n", **CONFIGURATIONS)
                return self.helper()

            test_two = test_one

            def helper(self):
                return names(door.client())

        self.assertEqual(Tests().test_one(), ["n"])
        self.assertEqual(Tests().test_two(), ["n"])
        self.assertFalse(is_answered(door.client(key="k")))

    def test_decorated_classes_have_all_kinds_of_tests_and_those_of_bases(self):
        seen = []

        class Base:
            def test_of_the_base(self):
                seen.append(is_answered(door.client()))

        @mock_glue_security
        class Tests(Base):
            @staticmethod
            def test_static():
                seen.append(is_answered(door.client()))

            @classmethod
            def test_class(cls):
                seen.append((cls is Tests, is_answered(door.client())))

        Tests().test_of_the_base()
        Tests().test_static()
        Tests().test_class()
        self.assertEqual(seen, [True, True, (True, True)])
        self.assertFalse(hasattr(Base.test_of_the_base, "_without_mock"))

    def test_a_decorated_subclass_has_its_own_options(self):
        @mock_glue_security(account="111122223333")
        class Base(unittest.TestCase):
            def test(self):
                accounts.append(mock_account())

        @mock_glue_security(account="444455556666")
        class Tests(Base):
            pass

        def mock_account():
            is_answered(door.client())
            self.assertEqual(len(_hooks.active), 1)
            return _hooks.active[0].history[0]["account"]

        accounts = []
        for case in (Base, Tests):
            case("test").debug()
            result = case("test")(unittest.TestResult())
            self.assertEqual(result.errors + result.failures, [])
        self.assertEqual(accounts, ["111122223333"] * 2 + ["444455556666"] * 2)

    def test_decorated_test_cases_and_the_mixin(self):
        case = self

        class Tests(unittest.TestCase):
            def setUp(self):
                self.glue = door.client()
                self.glue.create_security_configuration(Name="n", **CONFIGURATIONS)

            def test_one(self):
                case.assertEqual(names(self.glue), ["n"])

            def test_two(self):
                case.assertEqual(names(self.glue), ["n"])

            def tearDown(self):
                case.assertTrue(is_answered(self.glue))

        class Mixed(GlueSecurityTestMixin, Tests):
            glue_security_options = {"account": "111122223333"}

            def test_options(self):
                self.glue_security.clock.freeze()
                case.assertEqual(
                    self.glue_security.history[0]["account"], "111122223333"
                )

        decorated = mock_glue_security(type("Decorated", (Tests,), {}))
        for tests, count in [(decorated, 2), (Mixed, 3)]:
            result = unittest.TestResult()
            unittest.defaultTestLoader.loadTestsFromTestCase(tests).run(result)
            self.assertEqual(result.testsRun, count)
            self.assertEqual(result.errors + result.failures, [])

    def test_nested_mocks_the_last_answers(self):
        glue = door.client(key="111122223333")
        with mock_glue_security() as outer:
            glue.create_security_configuration(Name="outer", **CONFIGURATIONS)
            with mock_glue_security() as inner:
                self.assertEqual(names(glue), [])
                glue.create_security_configuration(Name="inner", **CONFIGURATIONS)
                self.assertEqual(len(outer.history), 1)
                self.assertEqual(len(inner.history), 2)
            self.assertEqual(names(glue), ["outer"])

    def test_overlapping_mocks(self):
        first, second = mock_glue_security(), mock_glue_security()
        first.start()
        second.start()
        glue = door.client()
        first.stop()
        glue.create_security_configuration(Name="n", **CONFIGURATIONS)
        self.assertEqual(len(second.history), 1)
        second.stop()
        self.assertFalse(is_answered(glue))

    def test_one_mock_entered_twice(self):
        with mock_glue_security() as mock:
            door.client().create_security_configuration(Name="n", **CONFIGURATIONS)
            with mock:
                self.assertEqual(names(door.client()), ["n"])
            self.assertEqual(names(door.client()), ["n"])

    def test_a_mock_that_is_not_active(self):
        mock = mock_glue_security()
        for call in (mock.stop, mock.reset, mock.clock.advance, mock.faults.clear):
            arguments = [1] if call == mock.clock.advance else []
            self.assertRaises(glue_security.NotActiveError, call, *arguments)
        with self.assertRaises(glue_security.NotActiveError):
            mock.history

    def test_clients_older_than_the_package(self):
        handlers = botocore.handlers.BUILTIN_HANDLERS
        ours = [entry for entry in handlers if entry[1].__module__ == _hooks.__name__]
        others = [entry for entry in handlers if entry not in ours]
        self.assertEqual(len(ours), 6)
        with unittest_mock.patch("botocore.handlers.BUILTIN_HANDLERS", others):
            session = boto3.Session()
            glue = door.client(key="k", session=session)
            in_default = door.client(key="k", session=boto3.Session())
            with unittest_mock.patch("boto3.DEFAULT_SESSION", session):
                with mock_glue_security() as mock:
                    self.assertTrue(is_answered(door.client()))  # Of the default session.
                    self.assertFalse(is_answered(glue))
                    for _ in range(2):
                        mock.attach(glue)
                    mock.attach(boto3.Session())
                    mock.attach(botocore.session.Session())
                    self.assertFalse(is_answered(in_default))
                    mock.reset()
                    self.assertTrue(is_answered(glue))
                    self.assertEqual(len(mock.history), 1)
                    self.assertRaises(TypeError, mock.attach, "client")
            self.assertFalse(is_answered(glue))

    def test_a_client_with_both_registrations_is_answered_once(self):
        for fast in (False, True):
            with mock_glue_security(fast=fast) as mock:
                glue = door.client()
                mock.attach(glue)
                self.assertTrue(is_answered(glue))
                self.assertEqual(len(mock.history), 1)

    def test_credentials_of_the_environment_are_left_alone(self):
        given = {"AWS_ACCESS_KEY_ID": "222233334444", "AWS_SECRET_ACCESS_KEY": "s"}
        with unittest_mock.patch.dict(os.environ, given):
            with mock_glue_security() as mock:
                self.assertTrue(is_answered(door.client(session=boto3.Session())))
                self.assertEqual(mock.history[0]["account"], "222233334444")
            self.assertEqual(os.environ["AWS_ACCESS_KEY_ID"], "222233334444")
        with mock_glue_security(set_credentials=False):
            self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)
        with mock_glue_security(account="111122223333") as mock:
            self.assertTrue(is_answered(door.client()))
            self.assertEqual(mock.history[0]["account"], "111122223333")


    def test_credentials_that_are_empty_or_incomplete_are_replaced(self):
        key, secret = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
        for given in ({key: "", secret: ""}, {secret: "s"}, {key: "111122223333"}):
            with unittest_mock.patch.dict(os.environ, given):
                with mock_glue_security():
                    self.assertTrue(is_answered(door.client(session=boto3.Session())))
                self.assertEqual({n: os.environ[n] for n in given}, given)
                self.assertEqual(secret in os.environ, secret in given)

    def test_credentials_that_change_meanwhile_are_left_alone(self):
        with unittest_mock.patch.dict(os.environ):
            with mock_glue_security():
                os.environ["AWS_ACCESS_KEY_ID"] = "222233334444"
            self.assertEqual(os.environ.pop("AWS_ACCESS_KEY_ID"), "222233334444")
            # Another restores the environment of the time of a mock.
            with mock_glue_security():
                left = os.environ["AWS_ACCESS_KEY_ID"]
            os.environ["AWS_ACCESS_KEY_ID"] = left
            with mock_glue_security():
                self.assertTrue(is_answered(door.client(session=boto3.Session())))
            self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)

    def test_an_attempt_after_the_end_does_not_reach_the_network(self):
        mock = mock_glue_security().start()
        mock.faults.add(
            "GetResourcePolicy", fault="error", count=1, error="InternalServiceException"
        )
        glue = door.client(attempts=2)
        glue.meta.events.register_first("needs-retry.glue", lambda **unused: mock.stop())
        self.assertRaises(glue_security.NotActiveError, glue.get_resource_policy)

    def test_nor_does_one_that_the_mock_below_leaves_to_others(self):
        with mock_glue_security(kms=False):
            with contextlib.ExitStack() as stack:
                mock = stack.enter_context(mock_glue_security())
                mock.faults.add(
                    key_call="Encrypt", via="direct", error="KeyUnavailableException"
                )
                kms = door.client("kms", attempts=2)
                kms.meta.events.register_first("needs-retry.kms", lambda **unused: stack.close())
                with self.assertRaises(glue_security.NotActiveError):
                    kms.encrypt(KeyId="alias/aws/glue", Plaintext=b"text")

    def test_a_default_session_that_is_none_of_boto3_changes_nothing(self):
        with unittest_mock.patch.object(boto3, "DEFAULT_SESSION", object()):
            self.assertRaises(TypeError, mock_glue_security().start)
        self.assertEqual(_hooks.active, ())
        self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)


class OtherMocksTest(unittest.TestCase):
    """The other mock is registered before or after ours, and starts before or after."""

    def run_in_both_orders(self, scene, fast, **options):
        handlers = botocore.handlers.BUILTIN_HANDLERS
        for place in (0, len(handlers)):
            for other_first in (True, False):
                other = door.OtherMock()
                changed = [*handlers[:place], ("before-send", other), *handlers[place:]]
                with unittest_mock.patch("botocore.handlers.BUILTIN_HANDLERS", changed):
                    session = boto3.Session()
                    ours = mock_glue_security(fast=fast, **options)
                    first, second = (other, ours) if other_first else (ours, other)
                    with self.subTest(place=place, other_first=other_first, fast=fast):
                        with first, second:
                            scene(session, other)

    def test_other_operations_and_services_go_on(self):
        def scene(session, other):
            glue = door.client(session=session)
            glue.put_resource_policy(PolicyInJson=door.POLICY)
            self.assertIn("PolicyHash", glue.get_resource_policy())
            door.client("kms", session=session).create_key()
            # Not even executed by the other one, which would fail.
            self.assertEqual(other.calls, [])
            self.assertEqual(glue.list_jobs()["JobNames"], ["job"])
            with self.assertRaises(NotImplementedError):
                glue.get_tables(DatabaseName="d")
            door.client("s3", session=session).list_buckets()
            self.assertEqual(len(other.calls), 3)

        for fast in (False, True):
            self.run_in_both_orders(scene, fast)

    def test_without_kms_its_operations_go_on(self):
        def scene(session, other):
            glue = door.client(session=session)
            glue.put_resource_policy(PolicyInJson=door.POLICY)
            self.assertEqual(other.calls, [])
            with self.assertRaises(NotImplementedError):
                door.client("kms", session=session).create_key()
            self.assertEqual(len(other.calls), 1)

        for fast in (False, True):
            self.run_in_both_orders(scene, fast, kms=False)

    def test_the_stubber_of_botocore_goes_before(self):
        with mock_glue_security() as mock:
            glue = door.client()
            with botocore.stub.Stubber(glue) as stubber:
                stubber.add_response("get_resource_policy", {"PolicyInJson": "stub"})
                self.assertEqual(glue.get_resource_policy()["PolicyInJson"], "stub")
            self.assertEqual(mock.history, [])


class ControlTest(unittest.TestCase):
    def setUp(self):
        self.mock = mock_glue_security()
        self.mock.start()
        self.addCleanup(self.mock.stop)
        self.glue = door.client()

    def test_clock(self):
        clock = self.mock.clock
        then = datetime.datetime(2019, 9, 1, 0, 0, 0, 123000, UTC)
        self.assertFalse(clock.frozen)
        self.assertEqual(clock.freeze(then), then)
        self.assertTrue(clock.frozen)
        self.glue.put_resource_policy(PolicyInJson=door.POLICY)
        self.assertEqual(
            clock.advance(datetime.timedelta(seconds=1.5)),
            then + datetime.timedelta(seconds=1.5),
        )
        self.glue.put_resource_policy(PolicyInJson=door.POLICY)
        got = self.glue.get_resource_policy()
        self.assertEqual(got["CreateTime"].astimezone(UTC), then)
        self.assertEqual((got["UpdateTime"] - got["CreateTime"]).total_seconds(), 1.5)
        clock.advance(-1.5)
        self.assertEqual(clock.now, then)
        self.assertEqual(
            clock.set("2026-01-31T12:00:00+01:00"),
            datetime.datetime(2026, 1, 31, 11, tzinfo=UTC),
        )
        clock.restore()
        self.assertFalse(clock.frozen)
        self.assertLess(abs((clock.now - datetime.datetime.now(UTC)).total_seconds()), 60)

    def test_wrong_times_change_nothing(self):
        frozen = self.mock.clock.freeze("2026-01-31T12:00:00Z")
        clock = self.mock.clock
        for error, call, value in [
            (ValueError, clock.set, "yesterday"),
            (ValueError, clock.set, datetime.datetime(2026, 1, 1)),
            (TypeError, clock.set, 5),
            (TypeError, clock.advance, "5"),
            (TypeError, clock.advance, True),
            (ValueError, clock.advance, float("nan")),
            (ValueError, clock.advance, float("inf")),
            (ValueError, clock.advance, 1e12),
        ]:
            with self.subTest(value=value):
                self.assertRaises(error, call, value)
                self.assertEqual(clock.now, frozen)

    def test_a_lost_answer_is_retried_and_a_lost_request_too(self):
        for fault, left in [("lose_answer", ["n"]), ("lose_request", [])]:
            self.mock.reset()
            self.mock.faults.add("CreateSecurityConfiguration", fault=fault)
            with self.assertRaises(botocore.exceptions.ConnectionClosedError):
                self.glue.create_security_configuration(Name="n", **CONFIGURATIONS)
            self.assertEqual(names(self.glue), left)
        self.mock.reset()
        self.mock.faults.add("CreateSecurityConfiguration", fault="lose_request", count=1)
        with unittest_mock.patch("botocore.endpoint.time.sleep"):
            answer = door.client(attempts=3).create_security_configuration(
                Name="n", **CONFIGURATIONS
            )
        self.assertEqual(answer["ResponseMetadata"]["RetryAttempts"], 1)

    def test_a_fast_mock_does_not_retry(self):
        with mock_glue_security(fast=True) as mock:
            mock.faults.add(fault="lose_request", count=1)
            with self.assertRaises(botocore.exceptions.ConnectionClosedError):
                door.client(attempts=3).get_data_catalog_encryption_settings()

    def test_delays_are_slept(self):
        self.mock.faults.add("GetResourcePolicy", fault="none", delay_seconds=7.5)
        with unittest_mock.patch("glue_security._hooks.time.sleep") as sleep:
            with self.assertRaises(self.glue.exceptions.EntityNotFoundException):
                self.glue.get_resource_policy()
        sleep.assert_called_once_with(7.5)

    def test_rules(self):
        faults = self.mock.faults
        first = faults.add("GetResourcePolicy", error="InternalServiceException", every=2)
        second = faults.add(key_call="Decrypt", via="glue", error="KeyUnavailableException")
        self.assertEqual([rule["id"] for rule in faults], [first, second])
        for error, members in [
            (ValueError, {"fault": "explode"}),
            (ValueError, {"operation": "NoSuch"}),
            (ValueError, {"delay_seconds": float("nan")}),
            (ValueError, {"count": -1}),
            (TypeError, {"no_such": 1}),
            (TypeError, {"operation": b"bytes"}),
        ]:
            with self.subTest(members):
                self.assertRaises(error, faults.add, **members)
                self.assertEqual(len(faults), 2)
        faults.clear()
        self.assertEqual(list(faults), [])

    def test_snapshots_and_reset(self):
        self.glue.create_security_configuration(Name="n", **CONFIGURATIONS)
        self.mock.save()
        self.mock.reset()
        self.assertEqual(self.mock.history, [])
        self.assertEqual(names(self.glue), [])
        self.mock.restore()
        self.assertEqual(names(self.glue), ["n"])
        with self.assertRaises(glue_security.SnapshotNotFoundError) as raised:
            self.mock.restore("missing")
        self.assertIsInstance(raised.exception, KeyError)
        self.assertRaises(ValueError, self.mock.save, "a name")
        for wrong in (None, 1.5, b"name"):
            self.assertRaises(TypeError, self.mock.save, wrong)
            self.assertRaises(TypeError, self.mock.restore, wrong)
        self.assertEqual(names(self.glue), ["n"])

    def test_the_whole_history_has_more_than_one_page(self):
        text = "x" * 9000
        policy = json.dumps({**json.loads(door.POLICY), "Id": text})
        with mock_glue_security(fast=True) as mock:
            glue = door.client(parameter_validation=False)
            for _ in range(1200):
                glue.put_resource_policy(PolicyInJson=policy)
            history = mock.history
            self.assertEqual(len(history), 1200)
            self.assertEqual(history.left_out, 0)
            starts = [call["start"] for call in history]
            self.assertEqual(starts, sorted(set(starts)))
        with mock_glue_security(history=False) as mock:
            self.assertTrue(is_answered(door.client()))
            self.assertEqual(mock.history, [])


class OptionsTest(unittest.TestCase):
    def test_behaviors_and_settings(self):
        for behavior, error in [
            ("documented", "InvalidInputException"),
            ("current", "ValidationException"),
        ]:
            with mock_glue_security(behavior=behavior):
                glue = door.client(parameter_validation=False)
                with self.assertRaises(botocore.exceptions.ClientError) as raised:
                    glue.get_security_configuration(Name="")
                self.assertEqual(raised.exception.response["Error"]["Code"], error)
        with mock_glue_security(
            security_configurations_max=1, api_date=datetime.date(2025, 12, 1)
        ):
            glue = door.client()
            glue.create_security_configuration(Name="a", **CONFIGURATIONS)
            with self.assertRaises(glue.exceptions.ResourceNumberLimitExceededException):
                glue.create_security_configuration(Name="b", **CONFIGURATIONS)

    def test_an_operation_that_is_not_in_force_is_answered(self):
        with mock_glue_security(behavior="documented"):
            with self.assertRaises(botocore.exceptions.ClientError) as raised:
                door.client().get_resource_policies()
            code = raised.exception.response["Error"]["Code"]
            self.assertEqual(code, "UnknownOperationException")

    def test_wrong_options(self):
        for error, options in [
            (glue_security.InvalidArgumentError, {"no_such_option": "1"}),
            (glue_security.InvalidArgumentError, {"behavior": "perfect"}),
            (glue_security.InvalidArgumentError, {"page_size_default": 0}),
            (glue_security.InvalidArgumentError, {"account": "1234"}),
            (glue_security.InvalidArgumentError, {"storage": "cloud:nine"}),
            (glue_security.StorageError, {"storage": "sqlite:/no/such/folder/f"}),
            (TypeError, {"storage": None}),
            (TypeError, {"page_size_default": 1.5}),
            (ValueError, {"principals": {"k": "alice"}}),
            (ValueError, {"principals": {"k": "arn:aws:iam::1234:user/alice"}}),
            (ValueError, {"principals": {"k": "arn:aws:iam::123456789012:user/\u00e9"}}),
            (TypeError, {"principals": {"k": None}}),
            (TypeError, {"principals": {7: "arn:aws:iam::123456789012:user/alice"}}),
            (glue_security.InvalidArgumentError, {"storage": "sqlite::memory:"}),
            (UnicodeEncodeError, {"storage": "sqlite:\ud800"}),
        ]:
            with self.subTest(options):
                with self.assertRaises(error):
                    mock_glue_security(**options).start()
                self.assertEqual(_hooks.active, ())
                self.assertNotIn("AWS_ACCESS_KEY_ID", os.environ)
        self.assertRaises(TypeError, mock_glue_security, "not a function")

    def test_records_in_a_file(self):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:{folder}/records"
            with mock_glue_security(storage=url):
                door.client().create_security_configuration(Name="n", **CONFIGURATIONS)
            with mock_glue_security(storage=url):
                self.assertEqual(names(door.client()), ["n"])

    def test_authorize(self):
        alice = "arn:aws:iam::123456789012:user/alice"
        denied = json.loads(door.POLICY)
        denied["Statement"][0].update(
            Effect="Deny", Principal={"AWS": alice}, Action="glue:GetConnection"
        )
        with mock_glue_security(
            authorize=True, identity="allow", principals={"AKIDALICE": alice}
        ):
            door.client().put_resource_policy(PolicyInJson=json.dumps(denied))
            glue = door.client(key="AKIDALICE")
            with self.assertRaises(glue.exceptions.ClientError) as raised:
                glue.get_connection(Name="n")
            code = raised.exception.response["Error"]["Code"]
            self.assertEqual(code, "AccessDeniedException")
            self.assertIn(alice, raised.exception.response["Error"]["Message"])
            # The root user is another caller.
            with self.assertRaises(glue.exceptions.EntityNotFoundException):
                door.client().get_connection(Name="n")


class PoliciesTest(unittest.TestCase):
    def test_check_policy(self):
        self.assertEqual(check_policy(door.POLICY), [])
        self.assertEqual(check_policy(json.loads(door.POLICY)), [])
        finding = check_policy("{}")[0]
        self.assertEqual(finding["message"], "a policy needs a Statement")
        self.assertEqual(check_policy("{}", level="json"), [])
        self.assertEqual(check_policy("{")[0]["code"], "JSON_SYNTAX_ERROR")
        for error, arguments in [
            (TypeError, (None,)), (TypeError, (b"{}",)), (UnicodeEncodeError, ("\udc80",)),
        ]:
            self.assertRaises(error, check_policy, *arguments)
        self.assertRaises(ValueError, check_policy, "{}", level="deep")
        self.assertRaises(TypeError, check_policy, "{}", account=123456789012)

    def test_decide(self):
        request = {
            "caller": "arn:aws:iam::210987654321:user/bob",
            "action": "glue:GetTable",
            "resource": "arn:aws:glue:us-east-1:123456789012:table/db/orders",
        }
        answer = decide(door.POLICY, identity="allow", **request)
        self.assertEqual(answer["decision"], "allow")
        self.assertEqual(answer["statements"][0]["effect"], "Allow")
        self.assertEqual(decide(door.POLICY, **request)["decision"], "implicit_deny")
        document = json.loads(door.POLICY)
        document["Statement"][0]["Condition"] = {
            "StringEquals": {"aws:RequestedRegion": ["eu-west-1", "us-east-1"]}
        }
        for extra, decision in [
            ({"context": {"aws:RequestedRegion": "us-east-1"}}, "allow"),
            ({"context": {"aws:RequestedRegion": "us-west-1"}}, "implicit_deny"),
            ({"unknown": ["aws:RequestedRegion"]}, "undecided"),
        ]:
            with self.subTest(extra):
                answer = decide(document, identity="allow", **request, **extra)
                self.assertEqual(answer["decision"], decision)
        with self.assertRaises(glue_security.PolicyError) as raised:
            decide("{}", **request)
        self.assertEqual(raised.exception.findings[0]["code"], "MISSING_STATEMENT")
        self.assertRaises(ValueError, decide, door.POLICY, **{**request, "caller": "bob"})
        for extra in [
            {"unknown": "key"}, {"unknown": [1]}, {"context": {"k": 1}},
            {"context": {"k": [True]}},
        ]:
            self.assertRaises(TypeError, decide, door.POLICY, **request, **extra)


if __name__ == "__main__":
    unittest.main()
