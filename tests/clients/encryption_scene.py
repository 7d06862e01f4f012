"""The keys of tests/data/encryption_outcomes.txt on a server, and the steps of a row.

Steps 1 to 3 of rows with the same words are done once; control keeps their catalog in a
snapshot, which each row restores.
"""

import base64
import http.client
import json
import tempfile

import boto3
import botocore.config
import botocore.exceptions

import encryption_rows
import harness

HOME = "123456789012"
AWAY = "210987654321"
IAM = "arn:aws:iam::%s:" % HOME
ALICE = IAM + "user/alice"
ROLE = IAM + "role/glue"
# The callers by their access keys. The root user of the account manages the keys.
CALLERS = {
    "AKIDROOT": (HOME, IAM + "root"),
    "AKIDALICE": (HOME, ALICE),
    "AKIDBOB": (AWAY, "arn:aws:iam::%s:user/bob" % AWAY),
}
NO_KEY = "arn:aws:kms:us-east-1:%s:key/01234567-89ab-cdef-0123-456789abcde" % HOME
DAMAGED = base64.b64encode(b"x" * 100).decode()


def text_of(column):
    """Returns the password that step 2 gives, or step 5."""
    return "the password of " + column


def started_server(binary):
    """Starts a server that knows the callers and keeps as many snapshots as needed."""
    with tempfile.NamedTemporaryFile("w") as file:
        for key, (account, arn) in CALLERS.items():
            file.write(
                f"[{key}]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"
                f"aws_account_id = {account}\nprincipal_arn = {arn}\n"
            )
        file.flush()
        return harness.Server(
            binary, "--credentials=" + file.name, "--snapshot-limit=10000"
        )


def add_role(params, **unused):
    """Adds the role to settings with its mode: Debian's boto3 is older than the member."""
    request = json.loads(params["body"])
    at_rest = request["DataCatalogEncryptionSettings"]["EncryptionAtRest"]
    if at_rest["CatalogEncryptionMode"].endswith("SERVICE-ROLE"):
        at_rest["CatalogEncryptionServiceRole"] = ROLE
        params["body"] = json.dumps(request).encode()


class Scene:
    """A server with the keys of the table, which takes rows through their steps."""

    def __init__(self, server):
        self.server = server
        address = server.url.removeprefix("http://")
        self.connection = http.client.HTTPConnection(address, timeout=60)
        self.alice = self.client("glue", "AKIDALICE")
        self.bob = self.client("glue", "AKIDBOB")
        self.root = self.client("kms", "AKIDROOT")
        self.encrypter = self.client("kms", "AKIDALICE")
        self.keys = {name: self.new_key() for name in ("P1", "P2", "C1", "C2", "G")}
        signing = {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}
        self.signing_keys = {name: self.new_key(**signing) for name in ("P2", "C2")}
        self.missing_keys = {"P2": NO_KEY + "0", "C2": NO_KEY + "1"}
        self.policy = self.root.get_key_policy(KeyId=self.keys["G"])["Policy"]
        # The catalogs as they are before an operation, by the words that made them.
        self.bases = {}
        self.given = {
            "damaged": DAMAGED,
            "not-base64": "not base64!",
            "existing": self.ciphertext("G", "existing"),
            "input": self.ciphertext("G", "input"),
        }
        self.control("PUT", "/snapshots/empty")
        self.alice.meta.events.register(
            "before-call.glue.PutDataCatalogEncryptionSettings", add_role
        )

    def client(self, service, access_key):
        return boto3.client(
            service,
            endpoint_url=self.server.url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key="secret",
            config=botocore.config.Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                parameter_validation=False,
            ),
        )

    def close(self):
        self.connection.close()
        for client in (self.alice, self.bob, self.root, self.encrypter):
            client.close()

    def control(self, method, path, body=None):
        """Calls a control endpoint, over a connection that stays."""
        self.connection.request(
            method,
            "/_glue_security" + path,
            None if body is None else json.dumps(body),
        )
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201, 204):
            raise RuntimeError(f"{method} {path}: {answer.status} {text}")

    def new_key(self, **members):
        return self.root.create_key(**members)["KeyMetadata"]["Arn"]

    def ciphertext(self, key, column, **members):
        """Returns an ENCRYPTED_PASSWORD that holds the password of `column`."""
        blob = self.encrypter.encrypt(
            KeyId=self.keys[key], Plaintext=text_of(column).encode(), **members
        )["CiphertextBlob"]
        return base64.b64encode(blob).decode()

    # Steps 1 to 3.

    def put_settings(self, word, password_key, catalog_key):
        at_rest = {"CatalogEncryptionMode": "DISABLED"}
        names_keys = "default" not in word
        if encryption_rows.seals(word):
            at_rest["CatalogEncryptionMode"] = "SSE-KMS"
            if names_keys:
                at_rest["SseAwsKmsKeyId"] = catalog_key
        if "role" in word:
            at_rest["CatalogEncryptionMode"] = "SSE-KMS-WITH-SERVICE-ROLE"
        passwords = {"ReturnConnectionPasswordEncrypted": encryption_rows.flags(word)}
        if encryption_rows.protects(word) and names_keys:
            passwords["AwsKmsKeyId"] = password_key
        self.alice.put_data_catalog_encryption_settings(
            CatalogId=HOME,
            DataCatalogEncryptionSettings={
                "EncryptionAtRest": at_rest,
                "ConnectionPasswordEncryption": passwords,
            },
        )

    def input(self, row, column):
        """Returns what step 2 gives, or step 5. The description says which of them."""
        word = row[column]
        properties = {"USERNAME": "scott"}
        if word.startswith("password"):
            properties["PASSWORD"] = text_of(column)
        if word.startswith("empty"):
            properties["PASSWORD"] = ""
        if word == "encrypted" or word.endswith("+encrypted"):
            properties["ENCRYPTED_PASSWORD"] = self.given[column]
        if word in ("damaged", "not-base64"):
            properties["ENCRYPTED_PASSWORD"] = self.given[word]
        if column == "existing" and encryption_rows.has_other_context(row):
            # It comes in as it is to be stored.
            properties.pop("PASSWORD", None)
            properties["ENCRYPTED_PASSWORD"] = self.ciphertext(
                "G" if word == "encrypted" else "P1", column, EncryptionContext={"a": "b"}
            )
        return {
            "Name": "orders",
            "Description": column,
            "ConnectionType": "JDBC",
            "ConnectionProperties": properties,
        }

    def second_keys(self, row):
        """Returns P2 and C2 of a row, or None for one that its settings do not name."""
        others = {"wrong": self.signing_keys, "missing": self.missing_keys}.get(row["key"])
        after = row["after"]
        for name, is_named in (
            ("P2", encryption_rows.protects(after)),
            ("C2", encryption_rows.seals(after)),
        ):
            if not is_named or "default" in after:
                yield None
            elif others is not None and name in encryption_rows.struck(row):
                yield others[name]
            else:
                yield self.keys[name]

    def base(self, row):
        """Returns the catalog that steps 1 to 3 of `row` make: its snapshot, the
        ENCRYPTED_PASSWORD that is stored, and the time of the connection. The password is
        None when the settings do not show it as it is stored."""
        second = tuple(self.second_keys(row))
        words = (row["before"], row["existing"], row["after"])
        made_of = (*words, second, encryption_rows.has_other_context(row))
        if made_of in self.bases:
            return self.bases[made_of]
        base = self.bases[made_of] = {"snapshot": f"base{len(self.bases)}"}
        self.control("POST", "/snapshots/empty/restore")
        self.put_settings(row["before"], self.keys["P1"], self.keys["C1"])
        if row["existing"] != "-":
            given = self.input(row, "existing")
            self.alice.create_connection(CatalogId=HOME, ConnectionInput=given)
        self.put_settings(row["after"], *second)
        self.control("PUT", "/snapshots/" + base["snapshot"])
        if row["existing"] != "-":
            answer = self.alice.get_connection(
                CatalogId=HOME,
                Name="orders",
                HidePassword=not encryption_rows.flags(row["after"]),
            )
            read = answer["Connection"]
            base["stored"] = read["ConnectionProperties"].get("ENCRYPTED_PASSWORD")
            base["updated"] = read["LastUpdatedTime"]
        return base

    # Step 4.

    def put_policies(self, names, *denied, **members):
        policy = json.loads(self.policy)
        if denied:
            deny = {"Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*"}
            policy["Statement"].append({**deny, **members})
        for name in names:
            self.root.put_key_policy(KeyId=self.keys[name], Policy=json.dumps(policy))

    def strike(self, row):
        """Gives the keys of `row` their state, which the rows of a batch share."""
        state, names = row["key"], encryption_rows.struck(row)
        usual = ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")
        if state == "denied":
            self.put_policies(names, *usual)
        elif state.startswith("no-"):
            self.put_policies(names, "kms:" + state[3:])
        elif state in ("caller-denied", "role-denied"):
            arn = ALICE if state == "caller-denied" else ROLE
            self.put_policies(names, *usual, Principal={"AWS": arn})
        elif state == "disabled":
            for name in names:
                self.root.disable_key(KeyId=self.keys[name])
        elif state == "pending":
            for name in names:
                self.root.schedule_key_deletion(KeyId=self.keys[name])

    def heal(self, row):
        state, names = row["key"], encryption_rows.struck(row)
        if state == "denied" or state.startswith("no-") or state.endswith("-denied"):
            self.put_policies(names)
        for name in names:
            if state == "pending":
                self.root.cancel_key_deletion(KeyId=self.keys[name])
            if state in ("disabled", "pending"):
                self.root.enable_key(KeyId=self.keys[name])

    def make_late(self, row):
        """Makes the calls of the struck keys be lost. A rule does not know the key, but a
        password has Encrypt and an object GenerateDataKey; an object is decrypted before
        its password; and nothing is stored under the newer keys."""
        def lose(call, **members):
            rule = {"key_call": call, "via": "glue", "fault": "lose_request"}
            self.control("POST", "/faults", {**rule, "count": "forever", **members})

        struck = row["struck"]
        is_sealed = encryption_rows.seals(row["before"]) and row["existing"] != "-"
        if struck == "all":
            lose("any")
        if struck in ("P", "2"):
            lose("Encrypt")
        if struck in ("C", "2"):
            lose("GenerateDataKey")
        if struck == "1" or struck == "P":
            lose("Decrypt", skip=1 if struck == "P" and is_sealed else 0)
        if struck == "C" and is_sealed:
            lose("Decrypt", count=1)

    # Steps 5 and 6.

    def operate(self, row):
        """Returns the answer of the operation, or the error."""
        if row["key"] != "timeout":
            return self.call(row)
        self.make_late(row)
        answer = self.call(row)
        self.control("DELETE", "/faults")
        return answer

    def call(self, row):
        glue = self.bob if row["key"] == "foreign" else self.alice
        operation = row["operation"]
        hidden = {"HidePassword": True} if operation.endswith("-hidden") else {}
        try:
            if operation == "create":
                given = self.input(row, "input")
                return glue.create_connection(CatalogId=HOME, ConnectionInput=given)
            if operation == "update":
                given = self.input(row, "input")
                return glue.update_connection(
                    CatalogId=HOME, Name="orders", ConnectionInput=given
                )
            if operation in ("get", "get-hidden"):
                return glue.get_connection(CatalogId=HOME, Name="orders", **hidden)
            if operation in ("list", "list-hidden"):
                return glue.get_connections(CatalogId=HOME, **hidden)
            if operation == "delete":
                return glue.delete_connection(CatalogId=HOME, ConnectionName="orders")
            assert operation == "batch-delete", operation
            return glue.batch_delete_connection(
                CatalogId=HOME, ConnectionNameList=["orders"]
            )
        except botocore.exceptions.ClientError as error:
            return error

    def look(self, row):
        """Returns the connection that a later read shows, or the error. A password that
        cannot be decrypted is hidden."""
        foreign = "DB" in (row["stored_object"], row["stored_password"])
        glue = self.bob if foreign else self.alice
        for hidden in ({}, {"HidePassword": True}):
            try:
                answer = glue.get_connection(CatalogId=HOME, Name="orders", **hidden)
                return answer["Connection"]
            except botocore.exceptions.ClientError as error:
                result = error
        return result


def code_of(answer):
    """Returns the code of an error, or None for another answer."""
    if isinstance(answer, botocore.exceptions.ClientError):
        return answer.response["Error"]["Code"]
    return None
