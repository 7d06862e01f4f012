"""A mock of the Security API with the faults that a widely used mock in Python has.

Usage: faulty_mock.py

It listens on a free port of 127.0.0.1, prints its URL, and ends when its standard input
does. POST /moto-api/reset deletes everything; x-moto-account-id names the account. The
faults are marked with FAULT:

- No constraint of any member is checked.
- MUST_EXIST and NOT_EXIST that do not hold are ResourceNumberLimitExceededException.
- A hash that does not match is ConcurrentModificationException.
- GetResourcePolicy where there is no policy is an empty success.
- A configuration that is shown has no CreatedTimeStamp.
- MaxResults and NextToken are ignored.

Operations that came after the contract are unknown to it.
"""

import hashlib
import http.server
import json
import re
import sys
import threading
import time

DEFAULT_ACCOUNT = "123456789012"


class Fault(Exception):
    def __init__(self, error, message):
        super().__init__(message)
        self.error = error


class Catalog:
    def __init__(self):
        self.policies = {}
        self.configurations = {}
        self.settings = {}


class Mock:
    """All catalogs. One call is served at a time."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset()

    def reset(self):
        self.catalogs = {}

    def call(self, account, region, operation, request):
        catalog = self.catalogs.setdefault((account, region), Catalog())
        names = {
            "PutResourcePolicy": self.put_policy,
            "GetResourcePolicy": self.get_policy,
            "DeleteResourcePolicy": self.delete_policy,
            "CreateSecurityConfiguration": self.create,
            "GetSecurityConfiguration": self.get,
            "GetSecurityConfigurations": self.get_all,
            "DeleteSecurityConfiguration": self.delete,
        }
        if operation in names:
            arn = f"arn:aws:glue:{region}:{account}:catalog"
            return names[operation](catalog, request, request.get("ResourceArn") or arn)
        key = request.get("CatalogId") or account
        if operation == "PutDataCatalogEncryptionSettings":
            catalog.settings[key] = request.get("DataCatalogEncryptionSettings")
            return {}
        if operation == "GetDataCatalogEncryptionSettings":
            return {"DataCatalogEncryptionSettings": self.shown(catalog.settings.get(key))}
        raise Fault("InvalidInputException", "unknown operation")

    @staticmethod
    def shown(settings):
        settings = settings or {}
        return {
            "EncryptionAtRest": settings.get(
                "EncryptionAtRest", {"CatalogEncryptionMode": "DISABLED"}
            ),
            "ConnectionPasswordEncryption": settings.get(
                "ConnectionPasswordEncryption", {"ReturnConnectionPasswordEncrypted": False}
            ),
        }

    @staticmethod
    def check_hash(policy, wanted):
        if wanted and policy is not None and wanted != policy["PolicyHash"]:
            # FAULT: the contract has ConditionCheckFailureException.
            raise Fault("ConcurrentModificationException", "Policy hash condition not met")

    def put_policy(self, catalog, request, arn):
        # FAULT: no constraint is checked, here and below.
        text = request.get("PolicyInJson") or ""
        old = catalog.policies.get(arn)
        exists = request.get("PolicyExistsCondition")
        if exists == "MUST_EXIST" and old is None:
            # FAULT: the contract has ConditionCheckFailureException.
            raise Fault("ResourceNumberLimitExceededException", "Policy does not exist")
        if exists == "NOT_EXIST" and old is not None:
            # FAULT: the contract has ConditionCheckFailureException.
            raise Fault("ResourceNumberLimitExceededException", "Policy already exists")
        self.check_hash(old, request.get("PolicyHashCondition"))
        now = time.time()
        catalog.policies[arn] = {
            "PolicyInJson": text,
            "PolicyHash": hashlib.md5(text.encode()).hexdigest(),
            "CreateTime": now if old is None else old["CreateTime"],
            "UpdateTime": now,
        }
        return {"PolicyHash": catalog.policies[arn]["PolicyHash"]}

    def get_policy(self, catalog, request, arn):
        # FAULT: the contract has EntityNotFoundException.
        return catalog.policies.get(arn, {})

    def delete_policy(self, catalog, request, arn):
        if arn not in catalog.policies:
            raise Fault("EntityNotFoundException", "Policy does not exist")
        self.check_hash(catalog.policies[arn], request.get("PolicyHashCondition"))
        del catalog.policies[arn]
        return {}

    def create(self, catalog, request, arn):
        name = request.get("Name")
        if name in catalog.configurations:
            raise Fault("AlreadyExistsException", f"SecurityConfiguration {name} already exists")
        now = time.time()
        # FAULT: the contract has CreatedTimeStamp.
        catalog.configurations[name] = {
            "Name": name,
            "CreatedTime": now,
            "EncryptionConfiguration": request.get("EncryptionConfiguration"),
        }
        return {"Name": name, "CreatedTimestamp": now}

    @staticmethod
    def find(catalog, request):
        name = request.get("Name")
        if name not in catalog.configurations:
            raise Fault("EntityNotFoundException", f"SecurityConfiguration {name} not found")
        return name

    def get(self, catalog, request, arn):
        return {"SecurityConfiguration": catalog.configurations[self.find(catalog, request)]}

    def get_all(self, catalog, request, arn):
        # FAULT: MaxResults and NextToken are ignored.
        return {"SecurityConfigurations": list(catalog.configurations.values())}

    def delete(self, catalog, request, arn):
        del catalog.configurations[self.find(catalog, request)]
        return {}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # An answer is one packet: otherwise it waits for the peer's acknowledgement.
    wbufsize = -1
    mock = Mock()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/moto-api/reset":
            with self.mock.lock:
                self.mock.reset()
            return self.answer(200, {"status": "ok"})
        region = re.search(r"Credential=[^/]*/\d*/([^/]*)/", self.headers["Authorization"])
        try:
            with self.mock.lock:
                answer = self.mock.call(
                    self.headers.get("x-moto-account-id", DEFAULT_ACCOUNT),
                    region.group(1),
                    self.headers["X-Amz-Target"].removeprefix("AWSGlue."),
                    json.loads(body),
                )
        except Fault as fault:
            return self.answer(400, {"__type": fault.error, "message": str(fault)})
        except ValueError as error:  # The body is not JSON.
            return self.answer(400, {"__type": "SerializationException", "message": str(error)})
        return self.answer(200, answer)

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *unused):
        pass


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
