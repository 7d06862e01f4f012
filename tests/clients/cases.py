"""Plays the cases of cases.json, whose head describes them, with boto3 against a transport:
the server over HTTP, or the Python package in the process.

A transport has the name of its `behavior`, the method `client(account, region)`, and the
methods of control `set_clock(change)`, `advance_clock(seconds)`, `add_fault(rule)`,
`save(name)` and `restore(name)`. Its clients check no parameters and try once.
"""

import datetime
import json
import pathlib
import re

import botocore
import botocore.exceptions

import harness

_CASES = json.loads((pathlib.Path(__file__).parent / "cases.json").read_text())["cases"]
_ABSENT = object()


class _Kind:
    """A value that equals any one of a kind."""

    _ACCEPTS = {
        "string": lambda value: isinstance(value, str),
        "time": lambda value: isinstance(value, datetime.datetime),
    }

    def __init__(self, kind):
        self.kind = kind

    def __eq__(self, other):
        return self._ACCEPTS[self.kind](other)

    def __repr__(self):
        return f"a {self.kind}"


class _Like:
    """A text that equals any one that matches."""

    def __init__(self, pattern):
        self.pattern = pattern

    def __eq__(self, other):
        return isinstance(other, str) and re.search(self.pattern, other) is not None

    def __repr__(self):
        return f"/{self.pattern}/"


def for_behavior(behavior):
    """Returns the cases of a behavior."""
    return [case for case in _CASES if behavior in case.get("in", [behavior])]


class _Player:
    """Plays one case. The test is a TestCase."""

    def __init__(self, test, transport):
        self.test = test
        self.transport = transport
        self.kept = {}

    def meant(self, value):
        """Returns the value that a value of the list stands for."""
        if isinstance(value, str):
            return self.kept[value[1:]] if value.startswith("$") else value
        if isinstance(value, list):
            return [self.meant(one) for one in value]
        if not isinstance(value, dict):
            return value
        name = next(iter(value), "")
        if len(value) == 1 and name.startswith("$"):
            return self.special(name, value[name])
        members = {key: self.meant(one) for key, one in value.items()}
        return {key: one for key, one in members.items() if one is not _ABSENT}

    def special(self, name, argument):
        behavior = self.transport.behavior
        if name == "$by":
            return self.meant(argument.get(behavior, argument.get("else")))
        if name == "$policy":
            return harness.policy_without_blanks(**argument)
        if name == "$shown":
            text = self.meant(argument)
            return text if behavior == "documented" else harness.reprinted(text)
        if name in ("$repeat", "$times"):
            value, times = argument
            return value * times if name == "$repeat" else [value] * times
        if name == "$time":
            return datetime.datetime.fromisoformat(argument.replace("Z", "+00:00"))
        if name == "$a":
            return _Kind(argument)
        if name == "$like":
            return _Like(argument)
        if name == "$absent":
            return _ABSENT
        raise KeyError(name)

    def play(self, steps):
        for step in steps:
            (action,) = [
                name for name in step
                if name in ("call", "pages", "clock", "advance", "fault", "save", "restore")
            ]
            getattr(self, "play_" + action)(step)

    def method(self, client, operation):
        return getattr(client, botocore.xform_name(operation))

    def play_call(self, step):
        client = self.transport.client(**step.get("as", {}))
        call = self.method(client, step["call"])
        request = self.meant(step.get("request", {}))
        error = self.meant(step["error"]) if "error" in step else _ABSENT
        if step.get("lost"):
            with self.test.assertRaises(botocore.exceptions.ConnectionClosedError):
                call(**request)
        elif error is not _ABSENT:
            with self.test.assertRaises(botocore.exceptions.ClientError) as raised:
                call(**request)
            self.check_error(client, raised.exception, error, step)
        else:
            self.check_answer(call(**request), step)

    def check_error(self, client, raised, error, step):
        found = raised.response["Error"]
        self.test.assertEqual(found["Code"], error)
        try:
            kind = getattr(client.exceptions, error)
        except AttributeError:  # It is of no operation.
            kind = botocore.exceptions.ClientError
        self.test.assertIsInstance(raised, kind)
        self.test.assertEqual(raised.response["ResponseMetadata"]["RetryAttempts"], 0)
        if "message" in step:
            self.test.assertEqual(found["Message"], self.meant(step["message"]))
        for part in step.get("contains", []):
            self.test.assertIn(self.meant(part), found["Message"])

    def check_answer(self, answer, step):
        for name, expected in step.get("answer", {}).items():
            self.test.assertEqual(self.meant(expected), answer.get(name))
        for name, member in step.get("keep", {}).items():
            self.kept[name] = answer[member]

    def play_pages(self, step):
        client = self.transport.client()
        paginator = client.get_paginator(botocore.xform_name(step["pages"]))
        pages = paginator.paginate(
            PaginationConfig={"PageSize": step.get("size")}, **step.get("request", {})
        )
        names = [[element[step["name"]] for element in page[step["member"]]] for page in pages]
        self.test.assertEqual(names, self.meant(step["names"]))

    def play_clock(self, step):
        self.transport.set_clock(step["clock"])

    def play_advance(self, step):
        self.transport.advance_clock(step["advance"])

    def play_fault(self, step):
        self.transport.add_fault(step["fault"])

    def play_save(self, step):
        self.transport.save(step["save"])

    def play_restore(self, step):
        self.transport.restore(step["restore"])


class OverHttp:
    """The server of harness.py as a transport."""

    def __init__(self, server, behavior):
        self.behavior = behavior
        self._server = server
        self._clients = {}

    def client(self, account="111122223333", region="us-east-1"):
        key = account, region
        if key not in self._clients:
            self._clients[key] = harness.client(
                self._server, account, region, parameter_validation=False
            )
        return self._clients[key]

    def set_clock(self, change):
        self._server.control("PUT", "/clock", change)

    def advance_clock(self, seconds):
        self._server.control("POST", "/clock/advance", {"seconds": seconds})

    def add_fault(self, rule):
        self._server.control("POST", "/faults", rule)

    def save(self, name):
        self._server.control("PUT", f"/snapshots/{name}")

    def restore(self, name):
        self._server.control("POST", f"/snapshots/{name}/restore")


def play(test, case, transport):
    """Plays a case in an empty catalog; `test` is a TestCase."""
    _Player(test, transport).play(case["steps"])
