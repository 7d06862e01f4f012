#!/usr/bin/python3
"""The server as boto3 sees it, beside a server that takes no time.

Usage: benchmarks/clients_benchmark.py [--calls NUMBER] [--json]

Builds what it needs. Prints the results of one run:
- calls per second of one boto3 client, and of the same client against a server that
  answers with the same bytes at once;
- the time from the server's start to its first answer, and its memory at that time;
- the same calls against moto's server, if this machine's python3 has one, and the
  processor time that each server takes for a call.
"""

import argparse
import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import boto3
import botocore.config

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = ROOT / "bazel-bin"
SERVER = BIN / "glue_security" / "server" / "binary" / "glue-security-server"
BARE_SERVER = BIN / "benchmarks" / "bare_server"
FLAGS = ("--port=0", "--log=off", "--behavior=documented")
ACCOUNT = "111122223333"
STARTS = 20
ROUNDS = 10
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": f"Statement{number}",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                "Action": ["glue:GetTable", "glue:GetTables"],
                "Resource": f"arn:aws:glue:us-east-1:{ACCOUNT}:table/db/t{number}",
            }
            for number in range(5)
        ],
    }
)
CALLS = {
    "GetResourcePolicy": lambda glue: glue.get_resource_policy(),
    "PutResourcePolicy": lambda glue: glue.put_resource_policy(PolicyInJson=POLICY),
    "GetSecurityConfigurations": lambda glue: glue.get_security_configurations(),
}


class Process:
    """A server that prints its URL, ended by its process id."""

    def __init__(self, *command):
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            [str(part) for part in command], stdout=subprocess.PIPE, text=True
        )
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def client(url):
    return boto3.client(
        "glue",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="secret",
        config=botocore.config.Config(retries={"total_max_attempts": 1}),
    )


def receive(connection):
    received = connection.recv(65536)
    if not received:
        sys.exit("a server ended in the middle of an answer")
    return received


def ask(url, operation, body):
    """Returns the whole answer to one call, as bytes."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Type: application/x-amz-json-1.1\r\n"
            b"X-Amz-Target: AWSGlue." + operation.encode() + b"\r\n"
            b"Authorization: AWS4-HMAC-SHA256 Credential=" + ACCOUNT.encode() +
            b"/20190901/us-east-1/glue/aws4_request, SignedHeaders=host, Signature=0\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += receive(connection)
        head, rest = answer.split(b"\r\n\r\n", 1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest += receive(connection)
        return head + b"\r\n\r\n" + rest


def fill(glue):
    glue.put_resource_policy(PolicyInJson=POLICY)
    for number in range(3):
        glue.create_security_configuration(
            Name=f"configuration {number}", EncryptionConfiguration={}
        )


def seconds(call, glue, calls):
    begin = time.perf_counter()
    for _ in range(calls):
        call(glue)
    return time.perf_counter() - begin


def compare(name, ours_url, other_url, calls):
    """Returns the calls per second of both; their rounds alternate."""
    ours, other = client(ours_url), client(other_url)
    taken = [[], []]
    for _ in range(ROUNDS):
        taken[0].append(seconds(CALLS[name], ours, calls))
        taken[1].append(seconds(CALLS[name], other, calls))
    return [calls / statistics.median(rounds) for rounds in taken]


def beside_instant_server(name, server_url, calls, folder):
    body = json.dumps({"PolicyInJson": POLICY} if name == "PutResourcePolicy" else {})
    answer = pathlib.Path(folder) / name
    answer.write_bytes(ask(server_url, name, body.encode()))
    with Process(BARE_SERVER, answer) as bare:
        return compare(name, server_url, bare.url, calls)


def start_and_memory():
    """Returns the milliseconds from start to first answer, and the MiB at that time."""
    times, memory = [], []
    for _ in range(STARTS):
        with Process(SERVER, *FLAGS) as server:
            ask(server.url, "GetSecurityConfigurations", b"{}")
            times.append((time.monotonic() - server.begin) * 1000)
            with open(f"/proc/{server.process.pid}/statm") as file:
                pages = int(file.read().split()[1])
            memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
    # The least, as in the table of the benchmarks: the machine may be shared.
    return min(times), statistics.median(memory)


def find_moto():
    """Returns a Python that has moto's server, or None."""
    for python in (sys.executable, shutil.which("python3")):
        if python is None:
            continue
        found = subprocess.run(
            [python, "-c", "import moto.server, flask"], capture_output=True
        )
        if found.returncode == 0:
            return python
    return None


def cpu_seconds(process):
    with open(f"/proc/{process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def beside_moto(python, server, calls):
    port = free_port()
    moto = subprocess.Popen(
        [python, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)
        fill(client(url))
        before = [cpu_seconds(of) for of in (server.process, moto)]
        results = {name: compare(name, server.url, url, calls) for name in CALLS}
        made = len(CALLS) * ROUNDS * calls
        after = [cpu_seconds(of) for of in (server.process, moto)]
        results["server_us"] = [
            (last - first) * 1e6 / made for first, last in zip(before, after)
        ]
        return results
    finally:
        moto.terminate()
        moto.wait()


def measure(calls):
    results = {"boto3": {}, "moto": {}}
    with tempfile.TemporaryDirectory() as folder, Process(
        SERVER, *FLAGS
    ) as server:
        fill(client(server.url))
        for name in CALLS:
            results["boto3"][name] = beside_instant_server(name, server.url, calls, folder)
        python = find_moto()
        if python is not None:
            results["moto"] = beside_moto(python, server, calls)
    results["start_ms"], results["resident_mib"] = start_and_memory()
    return results


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    subprocess.run(
        ["./bazelw", "build", "--config=opt", "--noshow_progress",
         "//glue_security/server:glue-security-server", "//benchmarks:bare_server"],
        check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    results = measure(arguments.calls)
    if arguments.json:
        print(json.dumps(results))
        return
    for name, (ours, instant) in results["boto3"].items():
        print(f"boto3, {name}: {ours:.0f} calls a second, an instant server "
              f"{instant:.0f}, ratio {ours / instant:.2f} (bound: at least 0.90)")
    for name, (ours, moto) in results["moto"].items():
        if name == "server_us":
            print(f"processor time of the server for a call: {ours:.0f} µs, moto's "
                  f"server {moto:.0f} µs, ratio {moto / ours:.0f}")
        else:
            print(f"boto3, {name}: {ours:.0f} calls a second, moto's server {moto:.0f}, "
                  f"ratio {ours / moto:.1f}")
    if not results["moto"]:
        print("moto's server is not installed")
    print(f"start to first answer: {results['start_ms']:.1f} ms (bound: 30)")
    print(f"resident memory then: {results['resident_mib']:.1f} MiB (bound: 20)")


if __name__ == "__main__":
    main()
