"""Attacks on the parsing of JSON and of policies."""

import json

import texts
import wire
from attack import attack

EXCEPTIONS = {
    None, "SerializationException", "InvalidInputException", "EntityNotFoundException",
    "AlreadyExistsException", "ConditionCheckFailureException",
    "ResourceNumberLimitExceededException",
}


def is_an_answer_of_the_api(answer):
    """Returns true for a well-formed answer: 200, or an exception for bad input."""
    if answer is None or answer.status not in (200, 400):
        return False
    answer.json()
    return answer.error_type() in EXCEPTIONS


def send_bodies(attack_, bodies):
    """Sends each (operation, bytes) on one connection and judges the answers."""
    peer = wire.Peer(attack_.address)
    for operation, body in bodies:
        what = f"{operation} {body[:120]!r} of {len(body)} bytes"
        try:
            peer.send(wire.request(operation, body))
            answer = peer.answer()
            ok = is_an_answer_of_the_api(answer) or (
                answer is not None and answer.status == 413 and len(body) > 200_000
            )
            attack_.input(ok, f"{what}: {answer and (answer.status, answer.body[:100])}")
        except (OSError, wire.MalformedAnswer) as error:
            attack_.input(False, f"{what}: {error}")
            answer = None
        if answer is None or answer.header("Connection") == "close":
            peer.close()
            if not attack_.server.is_alive():
                return
            peer = wire.Peer(attack_.address)
    peer.close()


# The deepest legal level, one more, and levels far below and above.
DEPTHS = (2, 50, 300, 998, 999, 1000, 1001, 1024, 1025, 5000, 20_000)


def deep_bodies():
    """Yields nested JSON in unknown and in known members, whole and cut short."""
    for depth in DEPTHS:
        for kind in ("[", "{", "mixed"):
            deep = texts.nested(kind, depth)
            yield "GetResourcePolicy", deep
            yield "GetResourcePolicy", b'{"unknown":' + deep + b"}"
            yield "GetResourcePolicy", b'{"unknown":' + deep[: len(deep) // 2]
            yield "PutResourcePolicy", b'{"PolicyInJson":' + deep + b"}"
            yield (
                "CreateSecurityConfiguration",
                b'{"Name":"n","EncryptionConfiguration":' + deep + b"}",
            )
            yield (
                "CreateSecurityConfiguration",
                b'{"Name":"n","EncryptionConfiguration":{"S3Encryption":[{"x":'
                + deep + b"}]}}",
            )


@attack(about="bodies that nest as deep as their size allows, by `[`, `{\"a\":` and both, "
              "in known and unknown members")
def deep_json(attack_):
    send_bodies(attack_, deep_bodies())


@attack(about="the same in requests to control", flags=("--control",), forgetful=True)
def deep_json_to_control(attack_):
    for path, method in (("/clock", "PUT"), ("/clock/advance", "POST"), ("/faults", "POST")):
        for depth in DEPTHS:
            for kind in ("[", "{", "mixed"):
                deep = texts.nested(kind, depth)
                for body in (deep, b'{"now":' + deep + b"}", b'{"unknown":' + deep):
                    answer = attack_.call(wire.control_request(method, path, body))
                    attack_.input(
                        answer is not None and answer.status in (400, 413),
                        f"{method} {path} {depth} {kind}: {answer and answer.status}",
                    )
                if not attack_.server.is_alive():
                    return


@attack(about="policy documents that are deep, wide, or break the grammar")
def hostile_policies(attack_):
    def bodies():
        for depth in (2, 100, 500, 999, 1000, 1001, 3000, 5000):
            for kind in ("[", "{", "mixed"):
                deep = texts.nested(kind, depth).decode()
                for text in (
                    deep,
                    '{"Statement":' + deep + "}",
                    '{"Version":"2012-10-17","Statement":[{"Condition":' + deep + "}]}",
                    '{"Version":"2012-10-17","Statement":[{"Principal":' + deep + "}]}",
                ):
                    yield "PutResourcePolicy", json.dumps({"PolicyInJson": text}).encode()
        good = wire.policy().encode()
        for _ in range(attack_.size(1200)):
            text = texts.mutated(attack_.random, good, texts.PIECES_OF_JSON)
            body = json.dumps({"PolicyInJson": text.decode("latin-1")})
            yield "PutResourcePolicy", body.encode()

    send_bodies(attack_, bodies())


@attack(about="bodies with one to four random changes, at any byte")
def malformed_json(attack_):
    def bodies():
        for body in (b"", b" ", b"null", b"[]", b"{", b"}", b'"', b"1", b"\xef\xbb\xbf{}",
                     b"\xff\xfe{\x00}\x00", b"{}{}", b"{}\x00", b"\x00{}", b'{"a":1,}',
                     b'{"Name":"n","Name":"m"}', b"{'a':1}", b"{a:1}", b'{"a":01}'):
            for operation in texts.GOOD_BODIES:
                yield operation, body
        for _ in range(attack_.size(2500)):
            operation = attack_.random.choice(list(texts.GOOD_BODIES))
            body = json.dumps(texts.GOOD_BODIES[operation]).encode()
            yield operation, texts.mutated(attack_.random, body, texts.PIECES_OF_JSON)

    send_bodies(attack_, bodies())


@attack(about="bodies with many members, repeated members, long numbers, long escapes")
def wide_json(attack_):
    def bodies():
        for count in (1000, 20_000):
            yield "GetResourcePolicy", b"{" + b'"a":1,' * count + b'"b":2}'
            yield "GetResourcePolicy", b'{"a":[' + b"1," * count + b"1]}"
            yield "GetResourcePolicy", b'{"a":{' + b'"":[],' * count + b'"":[]}}'
            yield "GetSecurityConfiguration", b"{" + b'"Name":"a",' * count + b'"Name":"b"}'
            yield "GetSecurityConfigurations", b'{"MaxResults":' + b"9" * count + b"}"
            yield "GetSecurityConfigurations", b'{"MaxResults":1e' + b"9" * count + b"}"
            yield "GetSecurityConfigurations", b'{"MaxResults":1.' + b"0" * count + b"}"
            yield "GetSecurityConfiguration", b'{"Name":"' + b"\\u0041" * count + b'"}'
            yield "GetSecurityConfiguration", b'{"Name":"' + b"\\ud83d" * count + b'"}'
            yield (
                "CreateSecurityConfiguration",
                b'{"Name":"n","EncryptionConfiguration":{"S3Encryption":['
                + b"{}," * (count // 2) + b"{}]}}",
            )
            yield (
                "CreateSecurityConfiguration",
                b'{"Name":"n","EncryptionConfiguration":{"S3Encryption":['
                + b'{"S3EncryptionMode":"x"},' * (count // 3) + b"{}]}}",
            )

    send_bodies(attack_, bodies())


@attack(about="invalid UTF-8, controls and other hostile texts in every string of every "
              "operation", flags=("--control",))
def hostile_texts_in_bodies(attack_):
    def bodies():
        for operation, good in texts.GOOD_BODIES.items():
            for path in texts.strings_of(good):
                for text in texts.TEXTS + texts.LINE_ENDS:
                    yield operation, texts.with_string(good, path, text)
                for _ in range(attack_.size(10)):
                    text = texts.hostile_text(attack_.random, line_ends=True)
                    yield operation, texts.with_string(good, path, text)

    send_bodies(attack_, bodies())
    # The history quotes the inputs and must still be JSON and UTF-8.
    history = attack_.server.control("GET", "/history")
    attack_.input(
        history is not None and history.status == 200 and "calls" in history.json(),
        "the history cannot be read",
    )
