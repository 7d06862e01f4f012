#!/usr/bin/env python3
"""What a call of boto3 takes of the processor under the mock for Python, under the fast
one, and with a handler in the same place that gives the same answer at once. Then the
time of the import, botocore being imported, and of a fresh mock.

Usage: benchmarks/python_benchmark.py [--calls N] [--json]

The rounds alternate. A ratio is the median of those of the rounds, since the speed of a
shared machine changes between them. GLUE_SECURITY_LIBRARIES names a folder with the
libraries; otherwise they are built.
"""

import argparse
import io
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROUNDS = 15
# At least this much of the handler's rate.
BOUNDS = {"mock": 0.9, "fast": 3}
REGION = "us-east-1"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=200, help="calls of a round")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([ROOT / "tools" / "carry_libraries.sh", folder], check=True)
        results = measure(folder, arguments.calls)
    if arguments.json:
        print(json.dumps(results))
        return
    for name, result in results["calls"].items():
        print(f"{name} of 1 KB, an instant handler: {result['floor_us']:.0f} µs")
        for kind, bound in BOUNDS.items():
            print(
                f"{name} of 1 KB, {kind}: {result[kind + '_us']:.0f} µs of the processor, "
                f"{result[kind + '_ratio']:.2f} of the handler's rate (bound: {bound})"
            )
    print(f"import: {results['import_ms']:.1f} ms (bound: 50)")
    print(f"a fresh mock: {results['mock_ms']:.2f} ms (bound: 1)")


def measure(folder, calls):
    """Measures all with the libraries of a folder."""
    os.environ.update(
        GLUE_SECURITY_LIBRARY=os.path.join(folder, "libglue_security_c.so.0"),
        AWS_ACCESS_KEY_ID="123456789012",
        AWS_SECRET_ACCESS_KEY="secret",
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE="/dev/null",
        AWS_SHARED_CREDENTIALS_FILE="/dev/null",
    )
    sys.path.insert(0, str(ROOT / "python"))
    import botocore.client  # noqa: F401  Its time is not that of the package.

    began = time.perf_counter()
    import glue_security

    import_ms = milliseconds_since(began)
    sys.path.insert(0, str(ROOT / "tests" / "clients"))
    from harness import policy

    text = policy(account="123456789012", size=1024)
    mock = glue_security.mock_glue_security
    return {
        "import_ms": import_ms,
        "calls": {
            "GetResourcePolicy": measure_call(mock, get_policy, text, calls),
            "PutResourcePolicy": measure_call(mock, put_policy, text, calls),
        },
        "mock_ms": fresh_mock(mock),
    }


def get_policy(glue, _):
    glue.get_resource_policy()


def put_policy(glue, text):
    glue.put_resource_policy(PolicyInJson=text)


def milliseconds_since(began):
    return (time.perf_counter() - began) * 1e3


class Raw(io.BytesIO):
    """A body in the form of urllib3's."""

    def stream(self, amt=65536, decode_content=None):
        yield self.read()


def answer_of(call, glue, text):
    """Returns the headers and the body that a call is answered with."""
    seen = []
    glue.meta.events.register(
        "after-call.glue", lambda http_response, **unused: seen.append(http_response)
    )
    call(glue, text)
    return dict(seen[0].headers), seen[0].content


def measure_call(mock_glue_security, call, text, calls):
    """Measures calls of a function of a client and a policy."""
    import boto3
    from botocore.awsrequest import AWSResponse

    with mock_glue_security():
        glue = boto3.client("glue", region_name=REGION)
        put_policy(glue, text)
        headers, body = answer_of(call, glue, text)
    clients = {
        kind: boto3.client("glue", region_name=REGION) for kind in ("mock", "fast", "floor")
    }

    def instant(request, **unused):
        return AWSResponse(request.url, 200, headers, Raw(body))

    clients["floor"].meta.events.register_first("before-send.glue", instant)
    taken = {kind: [] for kind in clients}
    for number in range(ROUNDS + 1):
        for kind, glue in clients.items():
            if kind == "floor":
                microseconds = processor_time(call, glue, text, calls)
            else:
                with mock_glue_security(fast=kind == "fast"):
                    put_policy(glue, text)
                    microseconds = processor_time(call, glue, text, calls)
            if number > 0:  # The first warms up.
                taken[kind].append(microseconds)
    result = {f"{kind}_us": statistics.median(some) for kind, some in taken.items()}
    for kind in BOUNDS:
        result[f"{kind}_ratio"] = statistics.median(
            floor / ours for floor, ours in zip(taken["floor"], taken[kind])
        )
    return result


def processor_time(call, glue, text, calls):
    """Returns microseconds of the processor for a call."""
    began = time.process_time()
    for _ in range(calls):
        call(glue, text)
    return (time.process_time() - began) / calls * 1e6


def fresh_mock(mock_glue_security):
    """Returns the milliseconds that a mock takes to start and to end."""
    count = 1000
    began = time.perf_counter()
    for _ in range(count):
        with mock_glue_security():
            pass
    return milliseconds_since(began) / count


if __name__ == "__main__":
    main()
