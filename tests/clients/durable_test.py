"""The server with records that last: restarts, kill -9, several servers on one file.

Usage: durable_test.py SERVER
Environment: GLUE_SECURITY_KILL_CYCLES, the number of times that the server is killed;
GLUE_SECURITY_SEED.
"""

import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request

import harness

SERVER = sys.argv.pop(1)
CYCLES = int(os.environ.get("GLUE_SECURITY_KILL_CYCLES", 20 if harness.SANITIZED else 100))
SEED = int(os.environ.get("GLUE_SECURITY_SEED", random.SystemRandom().randrange(1 << 32)))
WRITERS = 4


class Connection:
    """Calls on one connection of their own."""

    def __init__(self, server):
        address = server.url.removeprefix("http://")
        self.http = http.client.HTTPConnection(address, timeout=60)

    def call(self, operation, **members):
        """Returns the status and the body. Raises OSError or http.client.HTTPException
        when the server ends meanwhile."""
        self.http.request(
            "POST",
            "/",
            json.dumps(members),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSGlue." + operation,
            },
        )
        response = self.http.getresponse()
        return response.status, json.loads(response.read())


def description(name):
    """Returns an encryption configuration from which the name can be read."""
    key = f"arn:aws:kms:us-east-1:123456789012:key/{name}"
    return {
        "CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS", "KmsKeyArn": key}
    }


class DurableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = str(pathlib.Path(folder.name) / "catalog.db")

    def server(self, *flags, **arguments):
        return harness.Server(
            SERVER, "--data=" + self.path, *flags, stderr=subprocess.DEVNULL, **arguments
        )

    def ok(self, server, operation, **members):
        status, body = harness.call(server, operation, **members)
        self.assertEqual(status, 200, body)
        return body

    def listed(self, server):
        """Returns all configurations by name."""
        found = {}
        token = {}
        while True:
            page = self.ok(server, "GetSecurityConfigurations", MaxResults=100, **token)
            for entry in page["SecurityConfigurations"]:
                found[entry["Name"]] = entry["EncryptionConfiguration"]
            if not page.get("NextToken"):
                return found
            token = {"NextToken": page["NextToken"]}

    def test_everything_is_there_after_a_restart(self):
        policy = harness.policy("123456789012")
        settings = {
            "EncryptionAtRest": {"CatalogEncryptionMode": "DISABLED"},
            "ConnectionPasswordEncryption": {"ReturnConnectionPasswordEncrypted": False},
        }
        with self.server() as server:
            put = self.ok(server, "PutResourcePolicy", PolicyInJson=policy)
            self.ok(
                server,
                "PutDataCatalogEncryptionSettings",
                DataCatalogEncryptionSettings=settings,
            )
            for name in "abc":
                self.ok(
                    server,
                    "CreateSecurityConfiguration",
                    Name=name,
                    EncryptionConfiguration=description(name),
                )
            self.ok(
                server,
                "CreateConnection",
                ConnectionInput={
                    "Name": "c",
                    "ConnectionType": "JDBC",
                    "ConnectionProperties": {"PASSWORD": "p"},
                },
            )
            reads = {
                "GetResourcePolicy": {},
                "GetDataCatalogEncryptionSettings": {},
                "GetSecurityConfiguration": {"Name": "b"},
                "GetConnection": {"Name": "c"},
            }
            before = {name: self.ok(server, name, **read) for name, read in reads.items()}
            page = self.ok(server, "GetSecurityConfigurations", MaxResults=1)
            self.assertEqual(server.stop(), 0)
        with self.server() as server:
            for name, read in reads.items():
                self.assertEqual(self.ok(server, name, **read), before[name])
            rest = self.ok(
                server, "GetSecurityConfigurations", NextToken=page["NextToken"]
            )
            self.assertEqual([e["Name"] for e in rest["SecurityConfigurations"]], ["b", "c"])
            # The hash of before is the condition of a write.
            self.ok(
                server, "DeleteResourcePolicy", PolicyHashCondition=put["PolicyHash"]
            )

    def write_until_killed(self, server, numbers, acknowledged, sent):
        """Creates configurations until the server ends; four threads take part."""
        connection = Connection(server)
        while True:
            name = f"n{next(numbers)}"
            sent.add(name)
            try:
                status, body = connection.call(
                    "CreateSecurityConfiguration",
                    Name=name,
                    EncryptionConfiguration=description(name),
                )
            except (OSError, http.client.HTTPException):
                connection.http.close()
                return
            if status != 200:
                raise AssertionError(body)
            acknowledged.append(name)

    def test_kill_9_loses_no_write_that_was_acknowledged(self):
        print(f"GLUE_SECURITY_SEED={SEED}", flush=True)
        rng = random.Random(SEED)
        numbers = iter(range(1 << 60))
        acknowledged = []
        sent = set()
        empty_cycles = 0
        for _ in range(CYCLES):
            server = self.server("--number-limit=1000000000")
            before = len(acknowledged)
            goal = before + rng.randrange(1, 40)
            threads = [
                threading.Thread(
                    target=self.write_until_killed,
                    args=(server, numbers, acknowledged, sent),
                )
                for _ in range(WRITERS)
            ]
            for thread in threads:
                thread.start()
            while len(acknowledged) < goal and any(t.is_alive() for t in threads):
                threads[0].join(timeout=0.001)
            server.process.kill()
            for thread in threads:
                thread.join()
            server.process.wait()
            server.process.stdout.close()
            empty_cycles += len(acknowledged) == before
        self.assertEqual(empty_cycles, 0)
        with self.server(f"--number-limit={len(acknowledged) + WRITERS * CYCLES}") as server:
            found = self.listed(server)
            lost = [name for name in acknowledged if name not in found]
            self.assertEqual(lost, [])
            self.assertEqual([name for name in found if name not in sent], [])
            self.assertEqual(len(acknowledged), len(set(acknowledged)))
            for name, entry in found.items():
                self.assertEqual(
                    entry["CloudWatchEncryption"],
                    description(name)["CloudWatchEncryption"],
                )
        # The count of configurations is neither too high nor too low: as many more as
        # the limit leaves room for can be created.
        with self.server(f"--number-limit={len(found) + 1}") as server:
            self.ok(server, "CreateSecurityConfiguration", Name="last",
                    EncryptionConfiguration={})
            status, body = harness.call(
                server, "CreateSecurityConfiguration", Name="beyond",
                EncryptionConfiguration={},
            )
            self.assertEqual((status, body["__type"]),
                             (400, "ResourceNumberLimitExceededException"))

    def test_two_servers_share_a_file_and_lose_no_update(self):
        with self.server() as first, self.server() as second:
            self.ok(first, "PutResourcePolicy", PolicyInJson=harness.policy("123456789012"))
            wins = []

            # Raises the number in the policy, on the condition of its hash.
            def put(server, number):
                connection = Connection(server)
                won = 0
                for turn in range(50):
                    _, before = connection.call("GetResourcePolicy")
                    policy = json.loads(before["PolicyInJson"])
                    policy["Id"] = f"{number}-{turn}"
                    count = int(policy["Statement"][0].get("Sid", "n0")[1:])
                    policy["Statement"][0]["Sid"] = f"n{count + 1}"
                    status, body = connection.call(
                        "PutResourcePolicy",
                        PolicyInJson=json.dumps(policy),
                        PolicyHashCondition=before["PolicyHash"],
                    )
                    if status == 200:
                        won += 1
                    elif "ConditionCheckFailure" not in body["__type"]:
                        raise AssertionError(body)
                connection.http.close()
                wins.append(won)

            threads = [
                threading.Thread(target=put, args=(server, number))
                for number, server in enumerate([first, second, first, second])
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(len(wins), 4)
            for server in (first, second):
                text = self.ok(server, "GetResourcePolicy")["PolicyInJson"]
                count = int(json.loads(text)["Statement"][0]["Sid"][1:])
                self.assertEqual(count, sum(wins))
            self.assertGreater(sum(wins), 0)

    def test_control_resets_saves_and_restores(self):
        with self.server() as server:
            self.ok(server, "CreateSecurityConfiguration", Name="a",
                    EncryptionConfiguration={})
            server.control("PUT", "/snapshots/one")
            self.ok(server, "CreateSecurityConfiguration", Name="b",
                    EncryptionConfiguration={})
            server.control("POST", "/reset")
            self.assertEqual(self.listed(server), {})
            server.control("POST", "/snapshots/one/restore")
            self.assertEqual(list(self.listed(server)), ["a"])
            self.assertEqual(server.stop(), 0)
        with self.server() as server:
            self.assertEqual(list(self.listed(server)), ["a"])

    def test_metrics_count_the_work_of_the_storage(self):
        with self.server() as server:
            for name in "abc":
                self.ok(server, "CreateSecurityConfiguration", Name=name,
                        EncryptionConfiguration={})
            with urllib.request.urlopen(server.url + "/_glue_security/metrics") as answer:
                text = answer.read().decode()
        self.assertIn("\nglue_security_storage_commits_total 3\n", text)
        self.assertIn("\nglue_security_storage_unknown_total 0\n", text)
        with harness.Server(SERVER) as server:
            with urllib.request.urlopen(server.url + "/_glue_security/metrics") as answer:
                self.assertNotIn("storage_commits", answer.read().decode())

    def test_more_threads_serve_where_commits_wait(self):
        def threads(*flags):
            with harness.Server(SERVER, *flags) as server:
                return len(os.listdir(f"/proc/{server.process.pid}/task"))

        memory = threads()
        self.assertEqual(threads("--threads=2"), memory)
        two = threads("--threads=2", "--data=" + self.path)
        self.assertEqual(threads("--data=" + self.path), two + 14)


class RefusalTest(unittest.TestCase):
    def refused(self, *flags):
        run = subprocess.run(
            [SERVER, "--port=0", *flags], capture_output=True, text=True, timeout=60
        )
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        return run.stderr

    def test_a_storage_that_cannot_be_opened_is_named(self):
        self.assertIn("/nowhere/at/all.db", self.refused("--data=/nowhere/at/all.db"))
        self.assertIn("--storage must be memory", self.refused("--storage=redis://localhost"))
        # Another program has etcd.
        self.assertIn("a storage is memory or sqlite:PATH",
                      self.refused("--storage=etcd://127.0.0.1:2379/p"))
        self.assertIn("--data cannot stand beside --storage",
                      self.refused("--storage=sqlite:a.db", "--data=b.db"))
        self.assertIn("--data cannot stand beside --storage",
                      self.refused("--data=b.db", "--storage=memory"))
        with tempfile.NamedTemporaryFile("w", suffix=".db") as file:
            file.write("this is not a database" * 1000)
            file.flush()
            self.assertIn(file.name, self.refused("--data=" + file.name))


if __name__ == "__main__":
    unittest.main()
