"""A well-behaved client in a process of its own, beside an attack.

Usage: honest_client.py HOST PORT [--forgetful] [--sign=KEY:SECRET]

It calls without pause and checks every answer. After every ten calls it prints their
total so far on a line. When its input ends it prints one line of JSON and ends: the
number of answers, the latencies in milliseconds, the number of retries, and the errors.
With --forgetful the server may lose records between two calls, as after a reset. With
--sign the calls are signed, and the key's account is ACCOUNT.
"""

import argparse
import json
import os
import select
import sys
import time

import wire

ACCOUNT = "999900001111"
# Like the SDKs, the client tries a call this often before it counts as unanswered.
ATTEMPTS = 5
PAUSE_SECONDS = 0.002


class Client:
    def __init__(self, address, forgetful, credentials):
        """`credentials` is a key and a secret, or None for unsigned calls."""
        self.address = address
        self.forgetful = forgetful
        self.credentials = credentials
        self.peer = None
        self.latencies = []
        self.retries = 0
        self.wrong = []

    def exchange(self, data):
        """Makes one attempt; None when the connection ends without an answer."""
        try:
            if self.peer is None:
                self.peer = wire.Peer(self.address)
            answer = self.peer.answer() if self.peer.send(data) else None
        except (OSError, wire.MalformedAnswer) as error:
            self.wrong.append(f"{type(error).__name__}: {error}")
            answer = None
        if answer is None or answer.header("Connection") == "close":
            if self.peer is not None:
                self.peer.close()
            self.peer = None
        return answer

    def call(self, operation, **members):
        """Returns the exception and the body of the answer."""
        if self.credentials is None:
            data = wire.request(operation, members, account=ACCOUNT)
        else:
            data = wire.signed(operation, members, *self.credentials)
        begin = time.monotonic()
        answer = None
        for attempt in range(ATTEMPTS):
            answer = self.exchange(data)
            if answer is not None and answer.status != 503:
                break
            self.retries += 1
            time.sleep(0.05 * 2**attempt)
        self.latencies.append(time.monotonic() - begin)
        if answer is None or answer.status == 503:
            self.wrong.append(f"{operation}: no answer in {ATTEMPTS} attempts")
            return "unanswered", {}
        try:
            return answer.error_type(), answer.json()
        except wire.MalformedAnswer as error:
            self.wrong.append(f"{operation}: {error}")
            return "malformed", {}

    def expect(self, what, ok):
        if not ok:
            self.wrong.append(what)

    def expect_outcome(self, operation, outcome, *also):
        allowed = (None, *(also if self.forgetful else ()), "unanswered")
        self.expect(f"{operation}: {outcome}", outcome in allowed)

    def round(self, number):
        """Makes five calls and checks their answers."""
        text = wire.policy(account=ACCOUNT, size=600 + number % 50)
        outcome, _ = self.call("PutResourcePolicy", PolicyInJson=text)
        self.expect_outcome("PutResourcePolicy", outcome)
        outcome, body = self.call("GetResourcePolicy")
        self.expect_outcome("GetResourcePolicy", outcome, "EntityNotFoundException")
        if outcome is None:
            self.expect(
                "GetResourcePolicy: another policy",
                self.forgetful or body.get("PolicyInJson") == text,
            )
        name = f"honest-{os.getpid()}-{number}"
        outcome, _ = self.call(
            "CreateSecurityConfiguration", Name=name, EncryptionConfiguration={}
        )
        self.expect_outcome("CreateSecurityConfiguration", outcome)
        outcome, body = self.call("GetSecurityConfiguration", Name=name)
        self.expect_outcome("GetSecurityConfiguration", outcome, "EntityNotFoundException")
        if outcome is None:
            self.expect(
                "GetSecurityConfiguration: another one",
                body.get("SecurityConfiguration", {}).get("Name") == name,
            )
        outcome, _ = self.call("DeleteSecurityConfiguration", Name=name)
        self.expect_outcome("DeleteSecurityConfiguration", outcome, "EntityNotFoundException")

    def report(self):
        ordered = sorted(self.latencies)
        return {
            "calls": len(ordered),
            "p50_ms": round(1e3 * ordered[len(ordered) // 2], 2),
            "p99_ms": round(1e3 * ordered[(len(ordered) - 1) * 99 // 100], 2),
            "max_ms": round(1e3 * ordered[-1], 2),
            "retries": self.retries,
            "wrong": len(self.wrong),
            "examples": sorted(set(self.wrong))[:5],
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--forgetful", action="store_true")
    parser.add_argument("--sign", type=lambda text: text.split(":"))
    arguments = parser.parse_args()
    client = Client((arguments.host, arguments.port), arguments.forgetful, arguments.sign)
    number = 0
    while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
        # Opens a new connection now and then, to show that new clients get in.
        if number % 3 == 0 and client.peer is not None:
            client.peer.close()
            client.peer = None
        client.round(number)
        number += 1
        if number % 2 == 0:
            print(len(client.latencies), flush=True)
    if number == 0:
        client.round(0)
    print(json.dumps(client.report()), flush=True)


if __name__ == "__main__":
    main()
