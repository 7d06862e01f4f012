"""The programs glue-security-server-etcd and glue-storage on a node of etcd.

Usage: etcd_programs_test.py SERVER GLUE_STORAGE
"""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SERVER, STORAGE = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
del sys.argv[1:3]
ETCD = shutil.which("etcd", path=os.environ["PATH"] + ":/usr/bin")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@unittest.skipIf(ETCD is None, "etcd is not installed: Debian's package etcd-server")
class ProgramsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        port = free_port()
        client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{free_port()}"
        self.log = open(pathlib.Path(folder.name) / "log", "wb")
        self.addCleanup(self.log.close)
        self.etcd = subprocess.Popen(
            [ETCD, "--data-dir", folder.name + "/data", "--listen-client-urls", client,
             "--advertise-client-urls", client, "--listen-peer-urls", peer,
             "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer],
            stdout=self.log,
            stderr=self.log,
        )
        self.addCleanup(self.end_etcd)
        self.url = client.replace("http", "etcd") + "/test"
        deadline = time.monotonic() + 60
        while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
            self.assertLess(time.monotonic(), deadline, "etcd does not start")
            time.sleep(0.05)

    def end_etcd(self):
        self.etcd.send_signal(signal.SIGKILL)
        self.etcd.wait()

    def start_server(self):
        server = subprocess.Popen(
            [SERVER, "--port=0", "--log=off", "--control", "--storage=" + self.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        address = server.stdout.readline().strip().removeprefix("http://")
        return server, address

    def stop_server(self, server):
        server.terminate()
        self.assertEqual(server.wait(timeout=60), 0)
        server.stdout.close()

    def call(self, address, operation, **members):
        connection = http.client.HTTPConnection(address, timeout=60)
        self.addCleanup(connection.close)
        connection.request(
            "POST",
            "/",
            json.dumps(members),
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "AWSGlue." + operation,
            },
        )
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    def control(self, address, method, path):
        connection = http.client.HTTPConnection(address, timeout=60)
        self.addCleanup(connection.close)
        connection.request(method, "/_glue_security" + path, "")
        response = connection.getresponse()
        text = response.read()
        self.assertEqual(response.status // 100, 2, text)
        return text.decode()

    def storage(self, *arguments, status=0):
        run = subprocess.run(
            [STORAGE, *arguments], capture_output=True, text=True, timeout=120
        )
        self.assertEqual(run.returncode, status, run.stderr)
        return run.stdout + run.stderr

    def names(self, address):
        status, body = self.call(address, "GetSecurityConfigurations")
        self.assertEqual(status, 200, body)
        return [entry["Name"] for entry in body["SecurityConfigurations"]]

    def test_records_last_and_can_be_copied(self):
        server, address = self.start_server()
        for name in "ab":
            status, body = self.call(address, "CreateSecurityConfiguration", Name=name,
                                     EncryptionConfiguration={})
            self.assertEqual(status, 200, body)
        self.control(address, "PUT", "/snapshots/one")
        self.control(address, "POST", "/reset")
        self.assertEqual(self.names(address), [])
        self.control(address, "POST", "/snapshots/one/restore")
        self.assertIn("\nglue_security_storage_commits_total 2\n",
                      self.control(address, "GET", "/metrics"))
        self.stop_server(server)

        server, address = self.start_server()
        self.assertEqual(self.names(address), ["a", "b"])
        self.stop_server(server)

        stats = json.loads(self.storage("stats", self.url, "--format=json"))
        self.assertEqual((stats["catalogs"], stats["records"]), (1, 3))
        self.assertIn("no damage was found", self.storage("verify", self.url))
        self.assertIn("3 records copied", self.storage("copy", self.url, self.url + "2"))
        self.assertIn("the storage has records already",
                      self.storage("copy", self.url, self.url + "2", status=2))
        self.assertIn("3 records exported", self.storage("export", self.url + "2", "-"))


if __name__ == "__main__":
    unittest.main()
