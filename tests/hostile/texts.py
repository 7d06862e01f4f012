"""Hostile texts, bodies and random mutations."""

import json

import wire

# Texts that readers are known to have misread.
TEXTS = (
    b"", b" ", b"\t", b"\x00", b"a\x00b", b"\x01", b"\x1f", b"\x7f", b"\x80", b"\xff",
    b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\xf0\x9f\x92\xa9",
    b"\xe2\x80\xae", b"\xef\xbb\xbf", b"%s%n%x", b"%00", b"%0d%0aX: y", b"../../etc/passwd",
    b"'\"<>&`", b"\\", b"\\u0000", b"{}", b"[]", b"null", b"-1", b"0x10", b"1e999",
    b"a" * 65, b"A" * 300, b"us-east-1\xc3", b"us-east-1 ", b"US-EAST-1", b"us_east_1",
    b"us/east/1", b"/", b"//", b",", b";", b"=", b"Credential=", b"aws4_request",
)
# Bytes that end a line; only for tests that may put them into a header.
LINE_ENDS = (b"\r", b"\n", b"\r\nX-Injected: yes", b"\nX-Injected: yes", b"a\rb")

CATALOG = "arn:aws:glue:us-east-1:111122223333:catalog"
GOOD_BODIES = {
    "PutResourcePolicy": {
        "PolicyInJson": wire.policy(), "ResourceArn": CATALOG, "EnableHybrid": "TRUE"
    },
    "GetResourcePolicy": {"ResourceArn": CATALOG},
    "DeleteResourcePolicy": {"PolicyHashCondition": "h", "ResourceArn": CATALOG},
    "GetResourcePolicies": {"MaxResults": 10, "NextToken": "t"},
    "PutDataCatalogEncryptionSettings": {
        "CatalogId": "111122223333",
        "DataCatalogEncryptionSettings": {
            "EncryptionAtRest": {
                "CatalogEncryptionMode": "SSE-KMS-WITH-SERVICE-ROLE",
                "CatalogEncryptionServiceRole": "arn:aws:iam::111122223333:role/r",
                "SseAwsKmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/a",
            },
            "ConnectionPasswordEncryption": {
                "ReturnConnectionPasswordEncrypted": True,
                "AwsKmsKeyId": "arn:aws:kms:us-east-1:111122223333:key/b",
            },
        },
    },
    "GetDataCatalogEncryptionSettings": {"CatalogId": "111122223333"},
    "CreateSecurityConfiguration": {
        "Name": "n",
        "EncryptionConfiguration": {
            "S3Encryption": [
                {"S3EncryptionMode": "SSE-KMS",
                 "KmsKeyArn": "arn:aws:kms:us-east-1:111122223333:key/c"}
            ],
            "CloudWatchEncryption": {"CloudWatchEncryptionMode": "DISABLED"},
            "JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "DISABLED"},
            "DataQualityEncryption": {"DataQualityEncryptionMode": "DISABLED"},
        },
    },
    "DeleteSecurityConfiguration": {"Name": "n"},
    "GetSecurityConfiguration": {"Name": "n"},
    "GetSecurityConfigurations": {"MaxResults": 10, "NextToken": "t"},
}

PIECES_OF_JSON = (
    b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"true", b"1", b"-", b"1e999",
    b"0.1", b"\\", b"\\u", b"\\ud800", b"\\udc00", b"\\u0000", b"\x00", b"\xff", b"/",
    b"//", b"NaN", b"'", b"9" * 400, b'"a":1', b'"Name":', b" " * 50,
)
PIECES_OF_HTTP = (
    b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b":", b" ", b"\t", b"\x00", b"\xff",
    b"HTTP/1.1", b"GET ", b"Content-Length: 5\r\n", b"Content-Length: -1\r\n",
    b"Transfer-Encoding: chunked\r\n", b"Host: b\r\n", b"Expect: 100-continue\r\n",
    b"Connection: close\r\n", b"Connection: Upgrade\r\nUpgrade: h2c\r\n", b"0\r\n\r\n",
    b"ffffffffffffffff\r\n", b"%", b"?", b"#", b"X: " + b"x" * 2000 + b"\r\n", b"PRI * ",
    b"Cookie: a\r\n", b"A" * 100,
)


def mutated(random, data, pieces):
    """Returns `data` with one to four changes."""
    for _ in range(random.randint(1, 4)):
        place = random.randint(0, len(data))
        kind = random.randrange(6)
        if kind == 0:
            data = data[:place] + random.choice(pieces) + data[place:]
        elif kind == 1:
            data = data[:place] + data[place + random.randint(1, 12) :]
        elif kind == 2 and place < len(data):
            changed = data[place] ^ (1 << random.randrange(8))
            data = data[:place] + bytes([changed]) + data[place + 1 :]
        elif kind == 3:
            data = data[:place]
        elif kind == 4:
            length = random.randint(1, 60)
            data = data[:place] + data[place : place + length] * 2 + data[place + length :]
        else:
            other = random.randint(0, len(data))
            data = data[:place] + data[other : other + 30] + data[place:]
    return data


def good_request(random):
    """Returns the bytes of a well-formed call, which need not succeed."""
    operation = random.choice(list(GOOD_BODIES))
    return wire.request(operation, GOOD_BODIES[operation])


def hostile_text(random, line_ends=False):
    """Returns one of the texts above, or a few random bytes."""
    if random.random() < 0.7:
        return random.choice(TEXTS + (LINE_ENDS if line_ends else ()))
    text = bytes(random.randrange(256) for _ in range(random.randint(1, 40)))
    if not line_ends:
        text = text.replace(b"\r", b"r").replace(b"\n", b"n").replace(b"\x00", b"0")
    return text


def nested(kind, depth):
    """Returns closed JSON that is `depth` deep; `kind` is "[", "{" or "mixed"."""
    opened, closed = [], []
    for level in range(depth):
        is_list = kind == "[" or (kind == "mixed" and level % 2 == 0)
        opened.append("[" if is_list else '{"a":')
        closed.append("]" if is_list else "}")
    return ("".join(opened) + "1" + "".join(reversed(closed))).encode()


def strings_of(value, path=()):
    """Yields the paths of all strings in a value."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from strings_of(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from strings_of(inner, (*path, index))


def with_string(value, path, text):
    """Returns the bytes of `value` with a string replaced by the raw bytes `text`."""
    copy = json.loads(json.dumps(value))
    marker = "@@hostile@@"
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = marker
    return json.dumps(copy).encode().replace(marker.encode(), text)
